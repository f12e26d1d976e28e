//! The template that is shipped as an example, on paper: where it stands, what a phone reads from its codes.
//!
//! `UPDATE_GOLDEN=1` writes the printer's record anew; `VP_KEEP=/some/dir` keeps pictures.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
use common::codes_on;
use receiptd_document::template::{Date, Template};
use receiptd_document::{NoTypesetter, Profile, render_in};
use std::path::Path;
use virtual_printer::{Model, Rendered, render};

const TEMPLATE: &str = include_str!("../../../dist/templates.d/coffee.toml.example");
const SALE: &[u8] = include_bytes!("../../../daemon/document/examples/sale-restaurant-with-slip.json");

/// The example with the logo that it only speaks of, a circle of 96 dots.
fn template() -> Template {
    let text = TEMPLATE.replace("#{logo", "{logo");
    Template::parse("coffee", &text, &mut |_| Ok(circle())).unwrap()
}

fn circle() -> Vec<u8> {
    const SIDE: i32 = 96;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE as u32, SIDE as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let places = (0..SIDE * SIDE).map(|at| (at % SIDE - SIDE / 2, at / SIDE - SIDE / 2));
    let pixels: Vec<u8> =
        places.map(|(x, y)| if (30 * 30..44 * 44).contains(&(x * x + y * y)) { 0 } else { 255 }).collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

/// Each copy on paper, on a day.
fn papers(profile: &Profile, day: Date) -> Vec<(String, Rendered)> {
    let made = render_in(SALE, profile, &NoTypesetter, &template(), day).unwrap();
    let model = Model {
        dots: profile.dots.into(),
        qr: profile.native_qr,
        cutter_distance: profile.feed_before_cut_dots.into(),
        ..Model::named("epson-tm-t88vi").unwrap()
    };
    let print = |bytes: &[u8]| render(&model, bytes, None).unwrap();
    let copies = made.dressed.unwrap().copies.unwrap().into_iter();
    copies.map(|copy| (copy.copy.to_string(), print(&[&copy.body[..], &copy.tail].concat()))).collect()
}

#[test]
fn a_receipt_with_its_template_is_on_paper_as_it_was() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let christmas = Date::new(2026, 12, 24).unwrap();
    for (paper, profile) in [("58mm", Profile::mm58()), ("80mm", Profile::mm80())] {
        let mut now = String::new();
        for (copy, printed) in papers(&profile, christmas) {
            assert!(
                printed.warnings.iter().all(|warning| warning.contains("font")),
                "{:?}",
                printed.warnings
            );
            now += &format!("copy {copy}\n");
            now.extend(printed.record.iter().map(|piece| format!("{piece}\n")));
            if let Some(dir) = std::env::var_os("VP_KEEP") {
                printed.save_png(Path::new(&dir).join(format!("template-{paper}-{copy}.png"))).unwrap();
            }
        }
        let golden = here.join(format!("tests/papers/template-{paper}.txt"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, &now).unwrap();
        }
        let then = std::fs::read_to_string(&golden).unwrap_or_default();
        assert!(then == now, "{} is not what is printed now; UPDATE_GOLDEN=1\n{now}", golden.display());
    }
}

#[test]
fn a_phone_reads_the_network_and_the_coupon_of_the_customers_copy_while_the_campaign_lasts() {
    let wifi = r"WIFI:T:WPA;S:Corner Coffee;P:latte\;2026;;";
    let coupon = "https://coffee.example.com/c/XMAS26";
    for (native_qr, day, expected) in [
        (true, Date::new(2026, 12, 26), &[wifi, coupon][..]),
        (false, Date::new(2026, 12, 1), &[wifi, coupon]),
        (false, Date::new(2026, 12, 27), &[wifi]),
    ] {
        let profile = Profile { native_qr, ..Profile::mm80() };
        for (copy, paper) in papers(&profile, day.unwrap()) {
            // Nothing where there is no zbarimg.
            let Some(codes) = codes_on(&paper) else { return };
            let codes: Vec<&str> = codes.iter().map(|(_, data)| data.as_str()).collect();
            let expected = if copy == "customer" { expected } else { &[] };
            let ours: Vec<&str> = codes.into_iter().filter(|code| [wifi, coupon].contains(code)).collect();
            assert_eq!(ours.len(), expected.len(), "{copy} {day:?}: {ours:?}");
            assert!(expected.iter().all(|code| ours.contains(code)), "{copy} {day:?}: {ours:?}");
        }
    }
}
