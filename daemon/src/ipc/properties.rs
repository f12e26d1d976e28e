//! The properties of the objects as D-Bus dictionaries: for change signals and for the ObjectManager.
//!
//! The list of a printer's properties is here and in `printer.rs` (whose getters zbus needs); a test holds the
//! two together.

use std::collections::BTreeMap;

use receiptd_api::{PrinterInfo, StoreState, names};
use zbus::message::Message;
use zbus::{ObjectPath, Variant};

/// Properties by name.
pub(super) type Properties<'a> = BTreeMap<&'static str, Variant<'a>>;
/// Properties by interface.
pub(super) type Interfaces<'a> = BTreeMap<&'static str, Properties<'a>>;

/// A small map. Not `BTreeMap::from`, which brings a sort for each kind of value: some 5 KB of program.
fn map<K: Ord, V, const N: usize>(pairs: [(K, V); N]) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(pairs);
    map
}

/// The properties of a printer object.
pub(super) fn of_printer(info: &PrinterInfo) -> Properties<'_> {
    map([
        ("CurrentJob", Variant::from(info.current_job)),
        ("Endpoint", Variant::from(info.endpoint.as_str())),
        ("Grade", Variant::from(info.grade.as_str())),
        ("Model", Variant::from(info.model.as_str())),
        ("Name", Variant::from(info.name.as_str())),
        ("Online", Variant::from(info.online)),
        ("Paper", Variant::from(info.paper.as_str())),
        ("QueueLength", Variant::from(info.queue_length)),
        ("Reasons", Variant::from(info.reasons.clone())),
        ("Serial", Variant::from(info.serial.as_str())),
        ("Since", Variant::from(info.since_ms)),
        ("State", Variant::from(info.state.as_str())),
    ])
}

/// The properties of the spooler object.
pub(super) fn of_spooler(store: StoreState, warnings: &[String]) -> Properties<'static> {
    map([
        ("ApiVersion", Variant::from(names::API_VERSION)),
        ("StoreState", Variant::from(store.as_str())),
        ("Version", Variant::from(super::VERSION)),
        ("Warnings", Variant::from(warnings.to_vec())),
    ])
}

/// Those of `new` that are not the same in `old`.
pub(super) fn changed<'a>(old: &PrinterInfo, new: &'a PrinterInfo) -> Properties<'a> {
    let before = of_printer(old);
    let mut after = of_printer(new);
    after.retain(|name, value| before.get(name) != Some(value));
    after
}

/// `PropertiesChanged`, to everyone.
pub(super) fn changed_signal(
    path: &ObjectPath<'_>,
    interface: &str,
    changed: &Properties<'_>,
) -> zbus::Result<Message> {
    const NOTHING: &[&str] = &[];
    Message::signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged")
        .build(&(interface, changed, NOTHING))
}

/// Every object, with its interfaces and their properties.
pub(super) fn of_everything<'a>(
    store: StoreState,
    warnings: &[String],
    printers: &'a [PrinterInfo],
) -> BTreeMap<ObjectPath<'static>, Interfaces<'a>> {
    let mut objects = BTreeMap::new();
    for info in printers {
        let interfaces = map([(names::PRINTER_INTERFACE, of_printer(info))]);
        objects.insert(names::printer_path(&info.name).into_inner(), interfaces);
    }
    objects.insert(
        ObjectPath::from_static_str_unchecked(names::SPOOLER_PATH),
        map([(names::SPOOLER_INTERFACE, of_spooler(store, warnings))]),
    );
    objects
}
