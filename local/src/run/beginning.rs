//! What there is to begin with.

use std::path::Path;

use super::scene;
use crate::cloud::Cloud;
use crate::scene::Scene;

/// One of the scenes that there are, or a file's.
#[derive(Clone, Debug)]
pub(super) enum Beginning {
    /// What the samples of events/ are about.
    Samples,
    /// A scene.
    Scene(Box<Scene>),
}

impl Beginning {
    /// By its name, or by its file's.
    pub(super) fn read(name: &str) -> Result<Self, String> {
        match name {
            "samples" => Ok(Self::Samples),
            "demo" => Self::demo(),
            "empty" => Ok(Self::Scene(Box::new(Scene::empty()))),
            file => match Scene::read(Path::new(file)) {
                Ok(scene) => Ok(Self::Scene(Box::new(scene))),
                Err(error) if Path::new(file).exists() => Err(error.to_string()),
                Err(error) => Err(format!("--scene {error}; accepted: demo, empty, samples, or a file")),
            },
        }
    }

    /// What it is called: the name or the file.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Samples => "samples",
            Self::Scene(scene) => scene.name(),
        }
    }

    /// The template's parameters that a scene of that name is made for, whether it is set now or was before.
    pub(super) fn parameters(name: &str) -> impl Iterator<Item = (String, String)> + use<> {
        let own: &[(&str, &str)] = if name == "samples" { &scene::PARAMETERS } else { &[] };
        own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
    }

    /// The one for those who look around.
    pub(super) fn demo() -> Result<Self, String> {
        Ok(Self::Scene(Box::new(Scene::demo().map_err(|error| error.to_string())?)))
    }

    /// Makes it so in a new cloud.
    pub(super) async fn set(&self, cloud: &Cloud) -> Result<(), String> {
        match self {
            Self::Samples => scene::set(cloud).await,
            Self::Scene(scene) => scene.apply(cloud).await,
        }
        .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_has_a_name_or_a_file() {
        for name in ["demo", "empty"] {
            assert!(matches!(Beginning::read(name), Ok(Beginning::Scene(_))), "{name}");
        }
        assert!(matches!(Beginning::read("samples"), Ok(Beginning::Samples)));
        let problem = Beginning::read("no-such-scene").unwrap_err();
        assert!(problem.starts_with("--scene no-such-scene: "), "{problem}");
        assert!(problem.ends_with("accepted: demo, empty, samples, or a file"), "{problem}");
    }
}
