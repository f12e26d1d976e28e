//! The same as the crate `toml` reads, and the same words for what is wrong.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct File {
    name: String,
    folder: Option<PathBuf>,
    small: Option<u8>,
    large: u64,
    below: i32,
    share: f64,
    yes: bool,
    word: Option<Word>,
    list: Vec<String>,
    pair: Option<(u8, u8)>,
    more: Vec<Part>,
    any: BTreeMap<String, u16>,
    size: Option<Size>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    PaperOut,
    Ok,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    id: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Size(u32);

const ALL: &str = r#"
name = "收银台"
folder = '/var/lib'
small = 0x7f
large = 18_446_744_073_709_551_615
below = -5
share = 1.5
yes = true
word = "paper-out"
list = ["a", """b
c"""]
pair = [1, 2]
size = 7
any = { a = 1, "b.c" = 2 }

[[more]]
id = "one"
[[more]]
id = "two"
"#;

#[test]
fn every_shape_is_read_as_the_crate_itself_reads_it() {
    // It takes no integers beyond i64.
    let all = ALL.replace("18_446_744_073_709_551_615", "9_223_372_036_854_775_807");
    assert_eq!(crate::from_str::<File>(&all).unwrap(), toml::from_str::<File>(&all).unwrap());
    assert_eq!(crate::from_str::<File>("share = 2").unwrap().share, 2.0);
    assert_eq!(crate::from_str::<File>("").unwrap(), File::default());
}

#[test]
fn what_is_wrong_is_said_in_the_same_words_at_the_same_place() {
    for wrong in [
        "name = ",
        "name = 'a'\nname = 'b'",
        "nam = 'a'",
        "name = 7",
        "small = 300",
        "small = -1",
        "below = 'x'",
        "yes = 1",
        "share = 'half'",
        "word = 'paper-in'",
        "list = 'a'",
        "list = ['a', 2]",
        "pair = [1]",
        "[[more]]\nid = 1",
        "name = 'a'\n\n[[more]]\nid = 'a'\nnaem = 'b'",
        "[more]\nid = 'a'",
        "[any]\na = 70000",
        "any = 5",
        "[list]",
    ] {
        let ours = crate::from_str::<File>(wrong).unwrap_err().to_string();
        let theirs = toml::from_str::<File>(wrong).unwrap_err().to_string();
        assert_eq!(ours, theirs, "for {wrong:?}");
    }
}

#[test]
fn a_place_is_told_in_characters_and_a_date_by_its_name() {
    let why = crate::from_str::<File>("# 注释\n  small = '收'").unwrap_err().to_string();
    assert!(why.contains("line 2, column 11\n") && why.contains("|           ^^^\n"), "{why}");
    let why = crate::from_str::<File>("name = 1979-05-27").unwrap_err().to_string();
    assert!(why.ends_with("\ninvalid type: datetime, expected a string\n"), "{why}");
}

#[test]
fn nothing_is_passed_over_in_a_pair() {
    let why = crate::from_str::<File>("pair = [1, 2, 3]").unwrap_err().to_string();
    assert!(why.ends_with("\ninvalid length 3, expected a tuple of size 2\n"), "{why}");
}

#[test]
fn who_gives_no_word_is_told_the_words() {
    let why = crate::from_str::<File>("word = 3").unwrap_err().to_string();
    assert!(why.ends_with("\ninvalid type: integer `3`, expected one of `paper-out`, `ok`\n"), "{why}");
}

#[test]
fn what_is_missing_is_named() {
    let why = crate::from_str::<File>("[[more]]\n").unwrap_err().to_string();
    assert!(why.contains("line 1") && why.contains("missing field `id`"), "{why}");
}
