/**
 * Follows one reply: an EventSource on its event log, taken up again at the last event seen.
 *
 * The browser reconnects by itself (with Last-Event-ID) when a connection ends. We do the rest: no connection from a
 * hidden tab, since HTTP/1.1 has six for all tabs together; at once when the network is back; with growing pauses when
 * the server refuses. Every event carries its number, so one that comes twice is dropped. Not here: what events mean.
 */

const TYPES = ["queued", "started", "stage", "thought", "tool", "text", "block", "error", "end"];
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** After each so many refusals in a row whoever follows should look what has become of the reply. */
const REFUSALS = 3;

export class Tail {
  #source = null;
  #last = -1;
  #refused = 0;
  #timer = 0;
  #done = false;

  /** `heard` has `event(type, data)`, `connection(state)` with "open", "waiting" or "offline", and `lost()`. */
  constructor(generation, heard) {
    this.generation = generation;
    this.heard = heard;
    this.wake = () => (document.hidden ? this.#pause() : this.#open());
    this.sleep = () => heard.connection("offline");
    document.addEventListener("visibilitychange", this.wake);
    addEventListener("online", this.wake);
    addEventListener("offline", this.sleep);
    if (!document.hidden) this.#open();
  }

  /** Stops following; the reply goes on without us. */
  close() {
    this.#done = true;
    this.#pause();
    document.removeEventListener("visibilitychange", this.wake);
    removeEventListener("online", this.wake);
    removeEventListener("offline", this.sleep);
  }

  #pause() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #open() {
    if (this.#done) return;
    this.#pause();
    const after = this.#last < 0 ? "" : `?after=${this.#last}`;
    const source = new EventSource(`/api/generations/${encodeURIComponent(this.generation)}/events${after}`);
    this.#source = source;
    source.onopen = () => this.heard.connection("open");
    for (const type of TYPES) source.addEventListener(type, (event) => this.#hear(type, event));
  }

  #hear(type, event) {
    // A broken connection is an event named "error", too, but carries no data.
    if (!(event instanceof MessageEvent)) return this.#broken();
    if (type !== "queued") {
      const number = Number(event.lastEventId);
      if (number <= this.#last) return;
      this.#last = number;
    }
    this.#refused = 0;
    this.heard.event(type, JSON.parse(event.data));
    if (type === "end") this.close();
  }

  #broken() {
    this.heard.connection(navigator.onLine ? "waiting" : "offline");
    if (this.#source?.readyState !== EventSource.CLOSED) return;
    // Without a network there is nothing to try; "online" will wake us.
    if (!navigator.onLine) return;
    this.#refused += 1;
    if (this.#refused % REFUSALS === 0) this.heard.lost();
    const pause = Math.min(FIRST_PAUSE * 2 ** this.#refused, LONGEST_PAUSE);
    this.#timer = setTimeout(() => this.#open(), pause * (0.75 + Math.random() / 2));
  }
}
