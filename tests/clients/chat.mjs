// A chat of the AI SDK without a page: its own client core, its own transport, and six lines of state.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** The SDK under one of the names in package.json, from the folder that it was installed in. */
export async function load(folder, name) {
  const home = `${folder}/node_modules/${name}`;
  const { exports, version } = JSON.parse(readFileSync(`${home}/package.json`, 'utf8'));
  return { version, sdk: await import(pathToFileURL(`${home}/${exports['.'].import}`)) };
}

/** `lines` holds the connections that are open, so that a scenario can cut one. */
export function chatOf(sdk, address, prefix) {
  class State {
    status = 'ready';
    error = undefined;
    constructor(messages) { this.messages = messages; }
    pushMessage = (message) => { this.messages = [...this.messages, message]; };
    popMessage = () => { this.messages = this.messages.slice(0, -1); };
    replaceMessage = (at, message) => { this.messages = this.messages.with(at, structuredClone(message)); };
    snapshot = (thing) => structuredClone(thing);
  }

  class Chat extends sdk.AbstractChat {
    constructor(id, messages = []) {
      const statuses = [];
      const lines = [];
      const fetching = async (url, init) => {
        const cut = new AbortController();
        lines.push(cut);
        const answer = await fetch(url, { ...init, signal: AbortSignal.any([cut.signal, ...(init.signal ? [init.signal] : [])]) });
        statuses.push(answer.status);
        return answer.body ? new Response(breakable(answer.body, cut.signal), answer) : answer;
      };
      super({
        id: `${prefix}-${id}`,
        state: new State(messages),
        transport: new sdk.DefaultChatTransport({ api: `${address}/api/chat`, fetch: fetching }),
        sendAutomaticallyWhen: sdk.lastAssistantMessageIsCompleteWithApprovalResponses,
        onFinish: () => { this.finished += 1; },
      });
      Object.assign(this, { statuses, lines, finished: 0 });
    }

    say = (text, more = {}) => this.sendMessage({ text, ...more });
    parts = (type) => this.messages.flatMap(({ parts }) => parts).filter((part) => part.type === type);
    call = () => this.parts('tool-generate_video').at(-1);
    text = () => this.messages.at(-1).parts.filter(({ type }) => type === 'text').map(({ text }) => text).join('|');
    cut = () => this.lines.at(-1).abort();

    /** Answer the newest offer; done when the turn that follows is. */
    async answer(approved, reason) {
      const before = this.finished;
      await this.addToolApprovalResponse({ id: this.call().approval.id, approved, reason });
      await until(() => this.finished > before && this.status !== 'streaming' && this.status !== 'submitted');
    }
  }
  return Chat;
}

/** A body whose reader learns of a cut line as it learns of a lost network. */
function breakable(body, signal) {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        controller.error(signal.aborted ? new TypeError('network error') : error);
      }
    },
    cancel: () => reader.cancel(),
  });
}

export async function until(ready, seconds = 240) {
  const deadline = Date.now() + seconds * 1000;
  while (!(await ready())) {
    if (Date.now() > deadline) throw new Error(`never happened: ${ready}`);
    await new Promise((next) => setTimeout(next, 5));
  }
}
