//! Links, verified by a program in another language that was written from `docs/paperless.md`: `docs/verify_link.py`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use receiptd_paperless::link::{Amount, Link, hash};
use serde_json::{Value, json};

fn verify(key_file: &Path, payload: &str) -> Option<(Option<i32>, String)> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify_link.py");
    match Command::new("python3").arg(program).arg(key_file).arg(payload).output() {
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            Some((output.status.code(), String::from_utf8(said).unwrap()))
        }
        Err(_) => {
            eprintln!("python3 is not installed: not tried");
            None
        }
    }
}

#[test]
fn python_reads_what_was_signed_and_refuses_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let key: Vec<u8> = (0..32).collect();
    let key_file = dir.path().join("key");
    std::fs::write(&key_file, key.iter().map(|byte| format!("{byte:02x}")).collect::<String>()).unwrap();
    let full = Link {
        key: 3,
        time_s: 1_795_789_925,
        hash: hash(b"body", b"tail"),
        shop: "898110154110023/01080209".into(),
        amount: Some(Amount { currency: *b"CNY", minor: 12_800 }),
    };
    let bare = Link { key: 0, shop: String::new(), amount: None, ..full.clone() };
    for link in [&full, &bare] {
        let payload = link.sign(&key).unwrap();
        let Some((code, said)) = verify(&key_file, &payload) else { return };
        assert_eq!(code, Some(0), "{said}");
        let read: Value = serde_json::from_str(&said).unwrap();
        let hash: String = link.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            read,
            json!({
                "key_number": link.key, "time_s": link.time_s, "hash": hash, "shop": link.shop,
                "currency": link.amount.map(|_| "CNY"), "minor": link.amount.map(|amount| amount.minor),
            })
        );
    }
    let payload = full.sign(&key).unwrap();
    // The example of the document.
    let document = include_str!("../../../docs/paperless.md");
    assert!(document.contains(&payload), "docs/paperless.md does not show {payload}");
    let other = full.sign(&[9; 32]).unwrap();
    let (code, said) = verify(&key_file, &other).unwrap();
    assert_eq!((code, said.trim()), (Some(1), "the signature is not of this key"));
    let changed = payload.replacen("AEB", "AEC", 1);
    assert_eq!(verify(&key_file, &changed).unwrap().0, Some(1));
    for rubbish in ["", "A", "not a payload", "AEBAEBAEB"] {
        assert_eq!(verify(&key_file, rubbish).unwrap().0, Some(1), "{rubbish:?}");
    }
}
