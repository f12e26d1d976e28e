//! A bus whose printers do what a test says, transfer by transfer.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use receiptd_printer::usb::attached::{Attached, DeviceKey, Function, Input};
use receiptd_printer::usb::quirks::Quirk;
use receiptd_printer::usb::wire::{
    Bus, Completion, Direction, OpenError, Opened, Outcome, Printers, SubmitError, Wire,
};
use tokio::sync::{Notify, mpsc, watch};

/// A bidirectional printer.
pub fn printer(key: u64, serial: Option<&str>, port: &str) -> Attached {
    let input = Some(Input { endpoint: 0x81, packet_bytes: 64 });
    Attached {
        key: DeviceKey(key),
        vendor: 0x0416,
        product: 0x5011,
        serial: serial.map(str::to_owned),
        port: port.to_owned(),
        name: "POS-58".to_owned(),
        function: Function {
            interface: 0,
            alternate: 0,
            has_others: false,
            class: [7, 1, 2],
            output: 1,
            input,
        },
    }
}

#[derive(Default)]
struct BusState {
    refuse: Option<OpenError>,
    opens: u32,
    quirk: Quirk,
    wire: Option<WireLog>,
}

#[derive(Clone)]
pub struct FakeBus {
    state: Arc<Mutex<BusState>>,
    printers: Arc<watch::Sender<Printers>>,
}

impl Default for FakeBus {
    fn default() -> Self {
        let (printers, _) = watch::channel(Printers::from([]));
        Self { state: Arc::default(), printers: Arc::new(printers) }
    }
}

impl FakeBus {
    pub fn shared(&self) -> Arc<dyn Bus> {
        Arc::new(self.clone())
    }

    pub fn plug(&self, printer: Attached) {
        self.printers.send_modify(|list| {
            let mut all = list.to_vec();
            all.push(printer);
            *list = all.into();
        });
    }

    pub fn unplug(&self, key: u64) {
        self.printers
            .send_modify(|list| *list = list.iter().filter(|p| p.key != DeviceKey(key)).cloned().collect());
    }

    pub fn refuse(&self, error: Option<OpenError>) {
        self.state.lock().unwrap().refuse = error;
    }

    pub fn treat(&self, quirk: Quirk) {
        self.state.lock().unwrap().quirk = quirk;
    }

    pub fn opens(&self) -> u32 {
        self.state.lock().unwrap().opens
    }

    /// The wire that was opened last.
    pub fn wire(&self) -> WireLog {
        self.state.lock().unwrap().wire.clone().unwrap()
    }
}

impl Bus for FakeBus {
    fn printers(&self) -> watch::Receiver<Printers> {
        self.printers.subscribe()
    }

    fn open(&self, _key: DeviceKey, done: mpsc::Sender<Completion>) -> Result<Opened, OpenError> {
        let mut state = self.state.lock().unwrap();
        state.opens += 1;
        if let Some(error) = state.refuse {
            return Err(error);
        }
        let log = WireLog::new(done);
        state.wire = Some(log.clone());
        Ok(Opened { wire: Arc::new(FakeWire(log)), device_id: None, quirk: state.quirk.clone() })
    }
}

/// One direction.
#[derive(Default)]
struct End {
    posted: Option<Vec<u8>>,
    /// What a cancelled transfer has moved.
    on_cancel: Vec<u8>,
    submissions: u32,
}

struct WireState {
    done: Option<mpsc::Sender<Completion>>,
    output: End,
    input: End,
    taken: Vec<u8>,
    pieces: Vec<usize>,
    clears: Vec<Direction>,
    port_status: Option<u8>,
    close: Duration,
    left: bool,
    gone: bool,
}

impl WireState {
    fn end(&mut self, direction: Direction) -> &mut End {
        match direction {
            Direction::Out => &mut self.output,
            Direction::In => &mut self.input,
        }
    }
}

/// The test's side of an opened printer.
#[derive(Clone)]
pub struct WireLog {
    state: Arc<Mutex<WireState>>,
    changed: Arc<Notify>,
    closed: Arc<Condvar>,
}

impl WireLog {
    fn new(done: mpsc::Sender<Completion>) -> Self {
        let state = WireState {
            done: Some(done),
            output: End::default(),
            input: End::default(),
            taken: Vec::new(),
            pieces: Vec::new(),
            clears: Vec::new(),
            port_status: None,
            close: Duration::ZERO,
            left: false,
            gone: false,
        };
        Self { state: Arc::new(Mutex::new(state)), changed: Arc::default(), closed: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, WireState> {
        self.state.lock().unwrap()
    }

    /// Waits for a transfer; how many bytes it has.
    pub async fn posted(&self, direction: Direction) -> usize {
        loop {
            let changed = self.changed.notified();
            if let Some(buffer) = &self.lock().end(direction).posted {
                return buffer.len();
            }
            changed.await;
        }
    }

    /// Ends the transfer under way.
    pub fn complete(&self, direction: Direction, outcome: Outcome, moved: usize) {
        let mut state = self.lock();
        let buffer = state.end(direction).posted.take().expect("no transfer is under way");
        if direction == Direction::Out {
            let piece = buffer[..moved].to_vec();
            state.taken.extend(piece);
        }
        let completion = Completion { direction, outcome, buffer, moved };
        state.done.as_ref().unwrap().try_send(completion).unwrap();
    }

    /// The printer says something into the read that is posted.
    pub async fn says(&self, bytes: &[u8]) {
        self.posted(Direction::In).await;
        let mut state = self.lock();
        let mut buffer = state.input.posted.take().expect("it is not read");
        buffer[..bytes.len()].copy_from_slice(bytes);
        let moved = bytes.len();
        let completion = Completion { direction: Direction::In, outcome: Outcome::Done, buffer, moved };
        state.done.as_ref().unwrap().try_send(completion).unwrap();
    }

    /// What a transfer has moved when it is cancelled.
    pub fn on_cancel(&self, direction: Direction, bytes: Vec<u8>) {
        self.lock().end(direction).on_cancel = bytes;
    }

    pub fn taken(&self) -> Vec<u8> {
        self.lock().taken.clone()
    }

    pub fn pieces(&self) -> Vec<usize> {
        self.lock().pieces.clone()
    }

    pub fn clears(&self) -> Vec<Direction> {
        self.lock().clears.clone()
    }

    pub fn was_read(&self) -> bool {
        self.lock().input.submissions > 0
    }

    pub fn set_port_status(&self, byte: Option<u8>) {
        self.lock().port_status = byte;
    }

    pub fn slow_to_close(&self, time: Duration) {
        self.lock().close = time;
    }

    /// The kernel accepts no more transfers.
    pub fn leave(&self) {
        self.lock().left = true;
    }

    pub fn is_gone(&self) -> bool {
        self.lock().gone
    }

    /// Waits until it was given back.
    pub async fn gone(&self) {
        let log = self.clone();
        let wait = move || {
            let state = log.closed.wait_while(log.lock(), |state| !state.gone).unwrap();
            assert!(
                state.output.posted.is_none() && state.input.posted.is_none(),
                "given back in mid-transfer"
            );
        };
        tokio::task::spawn_blocking(wait).await.unwrap();
    }
}

struct FakeWire(WireLog);

impl Wire for FakeWire {
    fn submit(&self, direction: Direction, buffer: Vec<u8>) -> Result<(), SubmitError> {
        let mut state = self.0.lock();
        if state.left {
            return Err(SubmitError::Gone);
        }
        if direction == Direction::Out {
            state.pieces.push(buffer.len());
        }
        let end = state.end(direction);
        assert!(end.posted.is_none(), "two at a time");
        end.submissions += 1;
        end.posted = Some(buffer);
        drop(state);
        self.0.changed.notify_waiters();
        Ok(())
    }

    fn cancel(&self) {
        let mut state = self.0.lock();
        for direction in [Direction::Out, Direction::In] {
            let end = state.end(direction);
            let Some(mut buffer) = end.posted.take() else { continue };
            let moved = std::mem::take(&mut end.on_cancel);
            buffer[..moved.len()].copy_from_slice(&moved);
            let moved = moved.len();
            if direction == Direction::Out {
                let piece = buffer[..moved].to_vec();
                state.taken.extend(piece);
            }
            let completion = Completion { direction, outcome: Outcome::Cancelled, buffer, moved };
            state.done.as_ref().unwrap().try_send(completion).unwrap();
        }
    }

    fn clear_halt(&self, direction: Direction) -> Result<(), SubmitError> {
        self.0.lock().clears.push(direction);
        Ok(())
    }

    fn port_status(&self) -> Option<u8> {
        self.0.lock().port_status
    }
}

impl Drop for FakeWire {
    fn drop(&mut self) {
        let close = self.0.lock().close;
        std::thread::sleep(close);
        let mut state = self.0.lock();
        state.gone = true;
        state.done = None;
        self.0.closed.notify_all();
    }
}
