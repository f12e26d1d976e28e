#!/usr/bin/python3
"""Print one receipt and say what became of it.

usage: print_receipt.py [--socket PATH] KEY RECEIPT.json

Exit codes: 0 on paper (proven), 1 refused, 2 wrong usage, 3 the daemon can't be reached, 5 not known, not
proven, or not printed. Needs Python 3 and PyGObject (Debian: python3-gi).
"""

import sys
import time

from gi.repository import Gio, GLib

NAME, PATH, IFACE = "io.receiptd", "/io/receiptd/Spooler1", "io.receiptd.Spooler1"
ERROR = "io.receiptd.Error."
# A wait for the same call: the daemon starts again, or has too many calls of ours. Seconds.
WAITS = (0.2, 0.4, 0.8, 1.6, 3.2)
# What is over, and what needs a person. Words we don't know mean: not over yet.
ENDS = {"printed", "sent", "attested", "canceled", "expired"}
NEEDS_A_PERSON = {"uncertain", "held"}


class Refused(Exception):
    """The daemon said no; asking again the same way gives the same answer."""


class Receiptd:
    def __init__(self, socket=None):
        self.socket = socket
        self.connect()

    def connect(self):
        if self.socket:
            flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            self.bus = Gio.DBusConnection.new_for_address_sync(f"unix:path={self.socket}", flags)
            self.name = None  # there is no bus, so there are no bus names
        else:
            self.bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
            self.name = NAME

    def call(self, method, arguments):
        """A call that may be made twice: it reads, or it carries a key. Anything else must not come here."""
        for wait in (*WAITS, None):
            try:
                return self.bus.call_sync(
                    self.name, PATH, IFACE, method, arguments, None, Gio.DBusCallFlags.NONE, 30_000
                ).unpack()
            except GLib.Error as error:
                remote = Gio.DBusError.get_remote_error(error) or ""
                ours = remote.startswith(ERROR)
                if ours and remote[len(ERROR) :] not in ("Busy", "ShuttingDown"):
                    # GLib puts "GDBus.Error:NAME: " before the daemon's sentence.
                    sentence = error.message.split(": ", 1)[-1]
                    raise Refused(f"{remote[len(ERROR):]}: {sentence}") from error
                if wait is None:
                    raise
                # Too busy, going down, or the connection broke: nobody knows whether the call was carried
                # out. The same key makes it harmless to ask again.
                time.sleep(wait)
                if self.socket and not ours:
                    try:
                        self.connect()
                    except GLib.Error:
                        pass  # not up yet; the next round tries again


def main(arguments):
    socket = None
    if arguments[:1] == ["--socket"]:
        socket, arguments = arguments[1], arguments[2:]
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    key, file = arguments
    with open(file, "rb") as receipt:
        document = receipt.read()

    daemon = Receiptd(socket)
    changed = []
    # Listen first, then watch, then submit: so no change is missed.
    daemon.bus.signal_subscribe(
        daemon.name, IFACE, "JobChanged", PATH, None, 0, lambda *a: changed.append(a[5].unpack())
    )
    daemon.call("Watch", GLib.Variant("(a{sv})", ({"key": GLib.Variant("s", key)},)))

    options = {"title": GLib.Variant("s", f"Sale {key}")}
    submit = GLib.Variant("(sssaya{sv})", (key, "", "json", document, options))
    (accepted,) = daemon.call("Submit", submit)
    print("accepted before" if accepted["existed"] else "accepted", accepted["jobs"])

    open_jobs = {job for job, _copy in accepted["jobs"]}
    worst, told = 0, {}
    while open_jobs:
        # The truth is in GetJob; signals only say when to look.
        for job in sorted(open_jobs):
            (info,) = daemon.call("GetJob", GLib.Variant("(t)", (job,)))
            state = info["state"]
            news = " ".join(filter(None, (info["copy"], state, info.get("grade"), info.get("paused_reason"))))
            if told.get(job) != news:
                told[job] = news
                print(job, news)
            if state in ENDS | NEEDS_A_PERSON:
                open_jobs.discard(job)
                worst = max(worst, 0 if state in ("printed", "attested") else 5)
        if not open_jobs:
            break
        changed.clear()
        # Without a signal look again after 10 s all the same: a connection that broke tells nothing.
        timer = GLib.timeout_add_seconds(10, lambda: changed.append(None) or True)
        while not changed:
            GLib.MainContext.default().iteration(True)
        GLib.source_remove(timer)
    return worst


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refused as refused:
        print(f"refused: {refused}", file=sys.stderr)
        sys.exit(1)
    except GLib.Error as unreachable:
        print(f"receiptd can't be reached: {unreachable.message}", file=sys.stderr)
        sys.exit(3)
