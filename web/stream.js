// The bytes of a turn -> chunks -> a message. Pure: no page and no address in here.

/** The chunks of one turn, whatever ids and comments lie between; throws if the line ends before the turn. */
export async function* chunks(bytes) {
  const reader = bytes.pipeThrough(new TextDecoderStream()).getReader();
  const data = [];
  let rest = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const lines = (rest + read.value).split(/\r\n|\n|\r(?!$)/); // a last \r may be half of \r\n
      rest = lines.pop();
      for (const line of lines) {
        if (line.startsWith('data:')) data.push(line.slice(5));
        if (line !== '' || data.length === 0) continue;
        const told = data.splice(0).join('\n').trim();
        if (told === '[DONE]') return;
        yield JSON.parse(told);
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // the line is gone already: there is nobody to tell
  }
  throw new Error('The connection broke before the turn ended.');
}
const push = (message, part) => ({ ...message, parts: [...message.parts, part] });
const replace = (message, index, change) =>
  ({ ...message, parts: message.parts.map((part, n) => (n === index ? { ...part, ...change } : part)) });
/** Text comes in pieces: it opens, grows and shuts, by the id that its chunks carry. */
function piece(message, { type, id, delta }) {
  const [kind, step] = type.split('-');
  if (step === 'start') return push(message, { type: kind, text: '', at: id, state: 'streaming' });
  const mine = (part) => part.type === kind && part.at === id && part.state === 'streaming';
  const index = message.parts.findLastIndex(mine);
  if (index < 0) return message;
  const text = message.parts[index].text + (delta ?? '');
  return replace(message, index, step === 'end' ? { state: 'done' } : { text });
}
const CALLS = {
  'tool-input-start': 'input-streaming', 'tool-input-available': 'input-available',
  'tool-input-error': 'output-error', 'tool-approval-request': 'approval-requested',
  'tool-output-available': 'output-available', 'tool-output-error': 'output-error',
  'tool-output-denied': 'output-denied',
};
/** A tool's part begins with its input; what comes later for a call that is not here belongs elsewhere. */
function call(message, { type, toolCallId, toolName, approvalId, ...facts }) {
  const change = { ...facts, state: CALLS[type], ...(approvalId && { approval: { id: approvalId } }) };
  const index = message.parts.findIndex((part) => part.toolCallId === toolCallId);
  if (index >= 0) return replace(message, index, change);
  return toolName ? push(message, { type: `tool-${toolName}`, toolCallId, ...change }) : message;
}
const done = (part) => (part.state === 'streaming' ? { ...part, state: 'done' } : part);
const settle = (message, facts) => ({ ...message, ...facts, parts: message.parts.map(done) });
/** The message after one chunk. Unknown chunks change nothing; changed parts are new objects. */
export function apply(message, chunk) {
  const { type, id, data, messageMetadata: facts } = chunk;
  const told = facts ? { ...message, metadata: { ...message.metadata, ...facts } } : message;
  if (/^(text|reasoning)-(start|delta|end)$/.test(type)) return piece(message, chunk);
  if (Object.hasOwn(CALLS, type)) return call(message, chunk);
  if (type === 'start') return { ...told, id: chunk.messageId ?? message.id };
  if (type === 'finish') return settle(told);
  if (type === 'abort') return settle(message, { stopped: true });
  if (type === 'error') return settle(message, { error: chunk.errorText });
  if (!type.startsWith('data-')) return told;
  const index = id ? message.parts.findIndex((part) => part.type === type && part.id === id) : -1;
  return index < 0 ? push(message, { type, id, data }) : replace(message, index, { data });
}
