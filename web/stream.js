// The bytes of a turn -> chunks -> a message. Pure: no page and no address in here.

/** The data of server-sent events, whatever line ends, ids and comments lie between them. */
async function* frames(bytes) {
  const reader = bytes.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let data = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/); // a last \r may be half of \r\n
      rest = lines.pop();
      for (const line of lines) {
        if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
        if (line !== '' || data.length === 0) continue;
        yield data.join('\n');
        data = [];
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

function replace(message, index, change) {
  if (index < 0) return message;
  const parts = [...message.parts];
  parts[index] = { ...parts[index], ...change };
  return { ...message, parts };
}

const open = (type, field) => (message, chunk) => push(message, { type, [field]: '', at: chunk.id, state: 'streaming' });
const openIndex = (message, type, chunk) =>
  message.parts.findLastIndex((part) => part.type === type && part.at === chunk.id && part.state === 'streaming');

const grow = (type) => (message, chunk) => {
  const index = openIndex(message, type, chunk);
  return replace(message, index, { text: message.parts[index]?.text + chunk.delta });
};
const shut = (type) => (message, chunk) => replace(message, openIndex(message, type, chunk), { state: 'done' });

const callIndex = (message, chunk) => message.parts.findIndex((part) => part.toolCallId === chunk.toolCallId);

/** A tool's part begins with its input; what comes later for a call that is not here belongs elsewhere. */
const call = (state, facts) => (message, chunk) => {
  const index = callIndex(message, chunk);
  if (index >= 0) return replace(message, index, { state, ...facts(chunk) });
  if (!chunk.toolName) return message;
  return push(message, { type: `tool-${chunk.toolName}`, toolCallId: chunk.toolCallId, state, ...facts(chunk) });
};

const settle = (message, facts) => ({
  ...message,
  ...facts,
  parts: message.parts.map((part) => (part.state === 'streaming' ? { ...part, state: 'done' } : part)),
});

const described = (message, facts) => (facts ? { ...message, metadata: { ...message.metadata, ...facts } } : message);

const STEPS = {
  start: (message, chunk) => described({ ...message, id: chunk.messageId ?? message.id }, chunk.messageMetadata),
  'start-step': (message) => push(message, { type: 'step-start' }),
  'text-start': open('text', 'text'),
  'text-delta': grow('text'),
  'text-end': shut('text'),
  'reasoning-start': open('reasoning', 'text'),
  'reasoning-delta': grow('reasoning'),
  'reasoning-end': shut('reasoning'),
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
  if (chunk.type.startsWith('data-')) return withData(message, chunk);
  const step = Object.hasOwn(STEPS, chunk.type) ? STEPS[chunk.type] : null;
  return step ? step(message, chunk) : message;
}

function withData(message, { type, id, data }) {
  const index = id ? message.parts.findIndex((part) => part.type === type && part.id === id) : -1;
  return index < 0 ? push(message, { type, id, data }) : replace(message, index, { data });
}
