/**
 * The messages of a chat as a tree: edits and regenerated replies are siblings, and one path from root to leaf is shown.
 *
 * Not here: elements, requests.
 */

export class Tree {
  constructor(messages = [], leaf = null) {
    this.messages = new Map();
    this.children = new Map([[null, []]]);
    for (const message of messages) this.add(message);
    this.leaf = this.messages.has(leaf) ? leaf : this.#newestLeaf(null);
  }

  /** Adds a message, or puts its newer state in its place. */
  add(message) {
    if (!this.messages.has(message.id)) {
      const parent = message.parent_id ?? null;
      this.children.set(parent, [...(this.children.get(parent) ?? []), message.id]);
    }
    this.messages.set(message.id, message);
  }

  /** Takes out a message that never was: one the server did not accept. */
  drop(id) {
    const message = this.messages.get(id);
    const parent = message.parent_id ?? null;
    this.children.set(
      parent,
      this.children.get(parent).filter((other) => other !== id),
    );
    this.messages.delete(id);
    if (this.leaf === id) this.leaf = parent;
  }

  get(id) {
    return this.messages.get(id);
  }

  /** The shown messages, from the first to the leaf. */
  path() {
    const path = [];
    for (let message = this.messages.get(this.leaf); message; message = this.messages.get(message.parent_id))
      path.unshift(message);
    return path;
  }

  /** A message and its siblings, oldest first. */
  siblings(message) {
    return this.children.get(message.parent_id ?? null).map((id) => this.messages.get(id));
  }

  /** Shows the newest path that goes through this message. */
  select(id) {
    this.leaf = this.#newestLeaf(id);
  }

  #newestLeaf(id) {
    for (let below = this.children.get(id); below?.length; below = this.children.get(id)) id = below.at(-1);
    return id;
  }
}
