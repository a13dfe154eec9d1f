//! Texts, bent without a thought for what they say: bytes flipped, cut out, put in, repeated.

use proptest::prelude::*;
use proptest::sample::Index;

/// One way to bend.
#[derive(Clone, Debug)]
pub(crate) enum Slip {
    Flip(Index, u8),
    Cut(Index, Index),
    Insert(Index, Vec<u8>),
    Repeat(Index, Index, usize),
    End(Index),
}

/// Some ways at once.
pub(crate) fn slips() -> impl Strategy<Value = Vec<Slip>> {
    let at = any::<Index>;
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..8),
        prop::sample::select(vec![
            "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "0", "\u{0}", "\u{feff}", "\\ud800"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    let slip = prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Slip::Flip(at, byte)),
        (at(), at()).prop_map(|(from, to)| Slip::Cut(from, to)),
        (at(), bytes).prop_map(|(at, bytes)| Slip::Insert(at, bytes)),
        (at(), at(), 2..400_usize).prop_map(|(from, to, times)| Slip::Repeat(from, to, times)),
        at().prop_map(Slip::End),
    ];
    prop::collection::vec(slip, 1..4)
}

/// A text, bent. What is no UTF-8 any more becomes what a sender's library makes of it.
pub(crate) fn bent(text: &str, slips: &[Slip]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for slip in slips {
        let place = |at: &Index| at.index(bytes.len() + 1);
        let range = |a: &Index, b: &Index| (place(a).min(place(b)), place(a).max(place(b)));
        match slip {
            Slip::Flip(at, with) => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= with;
                }
            }
            Slip::Cut(from, to) => {
                let (from, to) = range(from, to);
                bytes.drain(from..to);
            }
            Slip::Insert(at, new) => {
                let at = place(at);
                bytes.splice(at..at, new.iter().copied());
            }
            Slip::Repeat(from, to, times) => {
                let (from, to) = range(from, to);
                // Enough for a message beyond all limits.
                let times = (*times).min(300_000 / (to - from).max(1));
                let new = bytes[from..to].repeat(times);
                bytes.splice(to..to, new);
            }
            Slip::End(at) => {
                let at = place(at);
                bytes.truncate(at);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
