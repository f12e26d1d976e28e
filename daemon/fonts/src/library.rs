//! The fonts of the system: which of them draws a character.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cells::{is_blank, is_ignorable};
use crate::draw::Glyphs;
use crate::face::{Face, fonts_in};
use crate::folders::{DEFAULT_FOLDERS, FontFile, Want, list, rank};

/// A font of a [`Fonts`]; only of the one that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaceId(pub(crate) usize);

/// Characters whose font was looked for, that are remembered: a receipt has some hundred different ones.
const CHOICES_KEPT_MAX: usize = 16 << 10;

/// A font that may be asked.
struct Candidate {
    file: usize,
    index: u32,
    /// Rank for letters in cells and for everything else.
    ranks: [i32; 2],
    face: Opened,
}

enum Opened {
    NotYet,
    /// Not a font, or not one of ours.
    Broken,
    Open(Face),
}

/// The fonts of some folders. Nothing is read before it is needed: no folder before the first text, no font before
/// one that comes before it lacked a character.
pub struct Fonts {
    folders: Vec<PathBuf>,
    catalogue: Option<Catalogue>,
    choices: BTreeMap<(char, Want), Option<FaceId>>,
    pub(crate) glyphs: Glyphs,
}

struct Catalogue {
    files: Vec<FontFile>,
    candidates: Vec<Candidate>,
    /// Candidates in the order in which they are asked, for each [`Want`].
    orders: [Vec<usize>; 2],
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fonts").field("folders", &self.folders).finish_non_exhaustive()
    }
}

impl Default for Fonts {
    fn default() -> Self {
        Self::new(DEFAULT_FOLDERS.map(PathBuf::from).to_vec())
    }
}

impl Fonts {
    /// Fonts below these folders. A font of an earlier folder is preferred.
    #[must_use]
    pub const fn new(folders: Vec<PathBuf>) -> Self {
        Self { folders, catalogue: None, choices: BTreeMap::new(), glyphs: Glyphs::new() }
    }

    /// Whether any font draws a character. What none draws is shown as its code in a box.
    pub fn covers(&mut self, character: char) -> bool {
        is_blank(character) || self.choose(character, Want::Any).is_some()
    }

    /// Whether there is any font at all.
    pub fn any(&mut self) -> bool {
        self.covers('0')
    }

    /// A font that was named by a line. None if it is of another library.
    #[must_use]
    pub fn face(&self, id: FaceId) -> Option<&Face> {
        match &self.catalogue.as_ref()?.candidates.get(id.0)?.face {
            Opened::Open(face) => Some(face),
            _ => None,
        }
    }

    /// The font of a grapheme cluster: the first that has all of it, else the first that has its first character.
    pub(crate) fn choose_for_cluster(&mut self, cluster: &str, want: Want) -> Option<FaceId> {
        let mut characters = cluster.chars().filter(|character| !is_ignorable(*character));
        let first = characters.next()?;
        let choice = self.choose(first, want)?;
        if characters.clone().next().is_none() || self.has_all(choice, characters.clone()) {
            return Some(choice);
        }
        let order = self.catalogue().orders[want as usize].clone();
        let whole = order.into_iter().map(FaceId).find(|id| {
            self.open(*id).is_some_and(|face| draws(face, first)) && self.has_all(*id, characters.clone())
        });
        whole.or(Some(choice))
    }

    fn has_all(&mut self, id: FaceId, mut characters: impl Iterator<Item = char>) -> bool {
        self.open(id).is_some_and(|face| characters.all(|character| face.glyph(character).is_some()))
    }

    fn choose(&mut self, character: char, want: Want) -> Option<FaceId> {
        if let Some(choice) = self.choices.get(&(character, want)) {
            return *choice;
        }
        let order = std::mem::take(&mut self.catalogue().orders[want as usize]);
        let choice = order
            .iter()
            .map(|index| FaceId(*index))
            .find(|id| self.open(*id).is_some_and(|face| draws(face, character)));
        self.catalogue().orders[want as usize] = order;
        if self.choices.len() >= CHOICES_KEPT_MAX {
            self.choices.clear();
        }
        self.choices.insert((character, want), choice);
        choice
    }

    fn open(&mut self, id: FaceId) -> Option<&Face> {
        let catalogue = self.catalogue();
        let candidate = catalogue.candidates.get_mut(id.0)?;
        if matches!(candidate.face, Opened::NotYet) {
            let file = catalogue.files.get(candidate.file)?;
            candidate.face = Face::open(&file.path, candidate.index).map_or(Opened::Broken, Opened::Open);
        }
        match &candidate.face {
            Opened::Open(face) => Some(face),
            _ => None,
        }
    }

    fn catalogue(&mut self) -> &mut Catalogue {
        let folders = &self.folders;
        self.catalogue.get_or_insert_with(|| Catalogue::of(list(folders)))
    }
}

impl Catalogue {
    fn of(files: Vec<FontFile>) -> Self {
        let mut candidates = Vec::with_capacity(files.len());
        for (file, found) in files.iter().enumerate() {
            let name = found.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            // The fonts of a collection are told apart by the names in them; a file with one font by its own.
            let count = if found.collection { fonts_in(&found.path).unwrap_or(0) } else { 1 };
            for index in 0..count {
                let opened = found.collection.then(|| Face::open(&found.path, index).ok()).flatten();
                let family = opened.as_ref().map(Face::family).unwrap_or_default();
                let name = format!("{name} {family}");
                if let (Some(cells), Some(any)) = (rank(&name, Want::Cells), rank(&name, Want::Any)) {
                    let face = opened.map_or(Opened::NotYet, Opened::Open);
                    candidates.push(Candidate { file, index, ranks: [cells, any], face });
                }
            }
        }
        let order = |want: Want| {
            let mut order: Vec<usize> = (0..candidates.len()).collect();
            order.sort_by_key(|index| {
                candidates.get(*index).map(|candidate| {
                    let folder = files.get(candidate.file).map_or(0, |file| file.folder);
                    (folder, candidate.ranks[want as usize], *index)
                })
            });
            order
        };
        let orders = [order(Want::Cells), order(Want::Any)];
        Self { files, candidates, orders }
    }
}

/// Whether a font draws a character, and not only claims to have it.
fn draws(face: &Face, character: char) -> bool {
    face.glyph(character).is_some_and(|glyph| is_blank(character) || face.has_ink(glyph))
}
