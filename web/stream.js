// The bytes of a turn -> chunks -> a message. Pure: no page and no address in here.

/** The data of server-sent events, whatever line ends, ids and comments lie between them. */
async function* frames(bytes) {
  const reader = bytes.pipeThrough(new TextDecoderStream()).getReader();
  const data = [];
  let rest = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const lines = (rest + read.value).split(/\r\n|\n|\r(?!$)/); // a last \r may be half of \r\n
      rest = lines.pop();
      for (const line of lines) {
        if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
        if (line === '' && data.length > 0) yield data.splice(0).join('\n');
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // the line is gone already: there is nobody to tell
  }
}
/** The chunks of one turn; throws if the line ends before the turn does. */
export async function* chunks(bytes) {
  for await (const frame of frames(bytes)) {
    if (frame === '[DONE]') return;
    yield JSON.parse(frame);
  }
  throw new Error('The connection broke before the turn ended.');
}

const push = (message, part) => ({ ...message, parts: [...message.parts, part] });
const replace = (message, index, change) =>
  ({ ...message, parts: message.parts.map((part, n) => (n === index ? { ...part, ...change } : part)) });
/** Text comes in pieces: it opens, grows and shuts, by the id that its chunks carry. */
const open = (type) => (message, chunk) => push(message, { type, text: '', at: chunk.id, state: 'streaming' });
const inOpen = (type, change) => (message, chunk) => {
  const mine = (part) => part.type === type && part.at === chunk.id && part.state === 'streaming';
  const index = message.parts.findLastIndex(mine);
  return index < 0 ? message : replace(message, index, change(message.parts[index], chunk));
};
const grow = (part, chunk) => ({ text: part.text + chunk.delta });
const shut = () => ({ state: 'done' });
/** A tool's part begins with its input; what comes later for a call that is not here belongs elsewhere. */
const call = (state, facts) => (message, chunk) => {
  const { toolCallId, toolName } = chunk;
  const index = message.parts.findIndex((part) => part.toolCallId === toolCallId);
  if (index >= 0) return replace(message, index, { state, ...facts(chunk) });
  return toolName ? push(message, { type: `tool-${toolName}`, toolCallId, state, ...facts(chunk) }) : message;
};
const settle = (message, facts) => ({ ...message, ...facts,
  parts: message.parts.map((part) => (part.state === 'streaming' ? { ...part, state: 'done' } : part)) });
const described = (message, facts) =>
  (facts ? { ...message, metadata: { ...message.metadata, ...facts } } : message);

const STEPS = {
  start: (message, chunk) => described({ ...message, id: chunk.messageId ?? message.id }, chunk.messageMetadata),
  'text-start': open('text'), 'text-delta': inOpen('text', grow), 'text-end': inOpen('text', shut),
  'reasoning-start': open('reasoning'), 'reasoning-delta': inOpen('reasoning', grow), 'reasoning-end': inOpen('reasoning', shut),
  'tool-input-start': call('input-streaming', () => ({})),
  'tool-input-available': call('input-available', ({ input }) => ({ input })),
  'tool-input-error': call('output-error', ({ input, errorText }) => ({ input, errorText })),
  'tool-approval-request': call('approval-requested', ({ approvalId }) => ({ approval: { id: approvalId } })),
  'tool-output-available': call('output-available', ({ output }) => ({ output })),
  'tool-output-error': call('output-error', ({ errorText }) => ({ errorText })),
  'tool-output-denied': call('output-denied', () => ({})),
  'message-metadata': (message, chunk) => described(message, chunk.messageMetadata),
  finish: (message, chunk) => described(settle(message), chunk.messageMetadata),
  abort: (message) => settle(message, { stopped: true }),
  error: (message, chunk) => settle(message, { error: chunk.errorText }),
};
/** The message after one chunk. Unknown chunks change nothing; changed parts are new objects. */
export function apply(message, chunk) {
  if (!chunk.type.startsWith('data-')) return Object.hasOwn(STEPS, chunk.type) ? STEPS[chunk.type](message, chunk) : message;
  const { type, id, data } = chunk;
  const index = id ? message.parts.findIndex((part) => part.type === type && part.id === id) : -1;
  return index < 0 ? push(message, { type, id, data }) : replace(message, index, { data });
}
