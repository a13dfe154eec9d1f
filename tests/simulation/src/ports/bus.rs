//! The bus, as the workflow asks it.

use std::future::Future;
use std::time::Duration;

use shared::outcome::Outgoing;
use shared::ports::{Bus, BusError};

use super::Port;
use crate::agenda::Event;
use crate::call::{Edge, Nature};
use crate::mutant::Mutant;
use crate::process::Here;
use crate::script::Act;
use crate::world::World;

impl Bus for Port {
    fn publish(&self, events: &[Outgoing]) -> impl Future<Output = Vec<Result<(), BusError>>> + Send {
        let (events, count) = (events.to_vec(), events.len());
        let words = format!("publishes {count} events");
        self.ask(
            Edge::Bus,
            Nature::Write,
            || words,
            move |world, here| events.iter().map(|event| publish(world, here, event)).collect(),
            move |failure| vec![Err(BusError(format!("{failure:?}"))); count],
        )
    }
}

/// Some of a call's events may be taken and others not.
fn publish(world: &mut World, here: Here, event: &Outgoing) -> Result<(), BusError> {
    if world.chance.is(world.weather.undone) {
        return Err(BusError("InternalFailure".to_owned()));
    }
    if world.mutant == Some(Mutant::PublishFirst) {
        let pause = world.chance.between(Duration::ZERO, Duration::from_secs(2));
        world.plan(pause, Event::Act(Act::Publish(here.process, Box::new(event.clone()))));
        return Ok(());
    }
    world.told(event);
    Ok(())
}
