//! Which font files there are, and in which order they are asked: names and folders only, nothing is opened.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::limits::{FOLDER_DEPTH_MAX, FONT_FILES_MAX};

/// Folders that are searched if nothing else is said, the preferred ones first.
#[cfg(not(target_os = "android"))]
pub const DEFAULT_FOLDERS: [&str; 2] = ["/usr/share/receiptd/fonts", "/usr/share/fonts"];
/// Folders that are searched if nothing else is said, the preferred ones first.
#[cfg(target_os = "android")]
pub const DEFAULT_FOLDERS: [&str; 2] = ["/product/fonts", "/system/fonts"];

/// A font file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FontFile {
    /// Which of the folders it is below.
    pub(crate) folder: usize,
    pub(crate) path: PathBuf,
    pub(crate) collection: bool,
}

/// All font files below the folders, sorted, each once. What cannot be read is left out.
pub(crate) fn list(folders: &[PathBuf]) -> Vec<FontFile> {
    let mut files = Vec::new();
    for (index, folder) in folders.iter().enumerate() {
        walk(folder, index, FOLDER_DEPTH_MAX, &mut files);
    }
    files.sort();
    let mut seen = BTreeSet::new();
    files.retain(|file| seen.insert(file.path.clone()));
    files
}

fn walk(folder: &Path, index: usize, depth: usize, files: &mut Vec<FontFile>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if files.len() >= FONT_FILES_MAX {
            return;
        }
        let path = entry.path();
        let collection = match extension(&path).as_str() {
            "ttf" | "otf" => false,
            "ttc" | "otc" => true,
            _ => {
                if depth > 0 && path.is_dir() {
                    walk(&path, index, depth - 1, files);
                }
                continue;
            }
        };
        files.push(FontFile { folder: index, path, collection });
    }
}

fn extension(path: &Path) -> String {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase()
}

/// How well the look of a font suits a receipt, by its name; the smaller the better. None: it draws placeholders.
pub(crate) fn rank(name: &str, want: Want) -> Option<i32> {
    let name = name.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["lastresort", "last resort", "notdef", "adobeblank", "fallback"]) {
        return None;
    }
    let mut rank = 0;
    if has(&["bold", "italic", "oblique", "black", "heavy", "light", "thin", "medium", "condensed", "narrow"])
    {
        rank += 40;
    }
    if has(&["sans"]) {
        rank -= 3;
    }
    // Thin strokes do not survive in black and white.
    if has(&["serif", "ming", "song", "mincho", "myungjo", "batang"]) && !has(&["sans"]) {
        rank += 10;
    }
    if has(&["mono", "typewriter", "typist"]) {
        rank += if want == Want::Cells { -20 } else { 2 };
    }
    // Simplified Chinese forms, where a font has one variant per region.
    if has(&["cjk sc", "cjksc", "cjk-sc", " sc", "hans"]) {
        rank -= 3;
    }
    // Drawn for the screen in colour: only for what nothing else has.
    if has(&["color", "colour", "emoji"]) {
        rank += if has(&["color", "colour"]) { 200 } else { 30 };
    }
    Some(rank)
}

/// What a character wants of its font.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Want {
    /// Letters that stand in cells of one width.
    Cells,
    /// Anything.
    Any,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_upright_fonts_come_first_and_colour_last() {
        let rank = |name| rank(name, Want::Any).unwrap();
        assert!(rank("DejaVuSans.ttf") < rank("DejaVuSans-Bold.ttf"));
        assert!(rank("DejaVuSans.ttf") < rank("DejaVuSerif.ttf"));
        assert!(
            rank("NotoSansCJK-Regular.ttc Noto Sans CJK SC")
                < rank("NotoSansCJK-Regular.ttc Noto Sans CJK JP")
        );
        assert!(rank("Symbola_hint.ttf") < rank("NotoColorEmoji.ttf"));
        assert!(rank("DejaVuSerif-BoldItalic.ttf") < rank("NotoColorEmoji.ttf"));
    }

    #[test]
    fn letters_in_cells_want_a_font_of_one_width() {
        assert!(rank("DejaVuSansMono.ttf", Want::Cells) < rank("DejaVuSans.ttf", Want::Cells));
        assert!(rank("DejaVuSansMono.ttf", Want::Any) > rank("DejaVuSans.ttf", Want::Any));
    }

    #[test]
    fn fonts_of_placeholders_are_no_fonts() {
        assert_eq!(rank("LastResort-Regular.ttf", Want::Any), None);
    }

    #[test]
    fn files_are_found_below_folders_in_their_order_and_a_missing_folder_is_no_error() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("b/deep")).unwrap();
        for name in ["z.ttf", "b/deep/a.TTC", "readme.txt", "b/x.pfb"] {
            std::fs::write(root.path().join(name), b"").unwrap();
        }
        let found = list(&[root.path().join("none"), root.path().join("b"), root.path().to_owned()]);
        let names: Vec<_> =
            found.iter().map(|file| file.path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a.TTC", "z.ttf"]);
        assert!(found[0].collection && found[0].folder == 1 && found[1].folder == 2);
    }
}
