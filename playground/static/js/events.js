/** Keeps the events socket open, with a growing, jittered wait between tries. */

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 12_000;

/** One person's event stream; close it before opening another person's. */
export class EventSocket {
  constructor(personId, { onOpen, onEvent, onDown }) {
    this.personId = personId;
    this.handlers = { onOpen, onEvent, onDown };
    this.tries = 0;
    this.isClosed = false;
    this.connect();
  }

  /** Stop for good. */
  close() {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  /** Try at once instead of waiting out the back-off. */
  retryNow() {
    if (this.isClosed || this.socket?.readyState === WebSocket.OPEN || this.socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.timer);
    this.connect();
  }

  connect() {
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${window.location.host}/play/events?as=${encodeURIComponent(this.personId)}`);
    this.socket = socket;
    socket.addEventListener("open", () => this.opened());
    socket.addEventListener("message", (event) => this.received(event.data));
    socket.addEventListener("close", () => this.lost());
  }

  opened() {
    if (this.isClosed) return;
    this.tries = 0;
    this.handlers.onOpen();
  }

  received(data) {
    if (this.isClosed) return;
    const { t: name, d: detail } = JSON.parse(data);
    this.handlers.onEvent(name, detail ?? {});
  }

  lost() {
    if (this.isClosed) return;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.tries) * (0.75 + Math.random() / 2);
    this.tries += 1;
    this.handlers.onDown(wait);
    this.timer = setTimeout(() => this.connect(), wait);
  }
}
