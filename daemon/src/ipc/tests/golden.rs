//! The interface as the live objects describe it, against the XML that is checked in.
//!
//! `UPDATE_GOLDEN=1 cargo test -p receiptd golden` writes the files anew; then look at the difference: a
//! member that is gone or has another type breaks every client there is.

use std::path::Path;

use receiptd_api::names;
use zbus::fdo::IntrospectableProxy;

use super::Running;

/// The part of a node's XML that is one interface, as a document of its own.
fn only(xml: &str, interface: &str) -> String {
    let begin = format!("<interface name=\"{interface}\">");
    let from = xml.find(&begin).expect("the interface is there");
    let rest = &xml[from..];
    let end = rest.find("</interface>").expect("it ends") + "</interface>".len();
    format!(
        "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n \
         \"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n<node>\n  {}\n</node>\n",
        &rest[..end]
    )
}

#[tokio::test]
async fn the_interface_is_what_is_checked_in() {
    let running = Running::start().await;
    let client = running.client().await;
    let printer = names::printer_path("till");
    let objects =
        [(names::SPOOLER_PATH, names::SPOOLER_INTERFACE), (printer.as_str(), names::PRINTER_INTERFACE)];
    for (path, interface) in objects {
        let proxy = IntrospectableProxy::builder(client.connection())
            .destination(names::BUS_NAME)
            .path(path)
            .build()
            .await
            .expect("a proxy");
        let live = only(&proxy.introspect().await.expect("XML"), interface);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("api/dbus").join(format!("{interface}.xml"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&file, &live).expect("written");
        }
        let golden = std::fs::read_to_string(&file).expect("the golden file");
        assert_eq!(live, golden, "{interface} changed; see the head of this file");
    }
}
