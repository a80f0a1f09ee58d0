// node scenarios.mjs FOLDER NAME ADDRESS MODEL: what a person does, through one version of the AI SDK.
// One line of JSON for each scenario: what became of it, for the test to judge.

import { chatOf, load, until } from './chat.mjs';

const [folder, name, address, model] = process.argv.slice(2);
const { version, sdk } = await load(folder, name);
const Chat = chatOf(sdk, address, name); // each version has conversations of its own

// A person of its own, too: one may begin some sixty turns in a minute, and all these begin more.
const anybody = globalThis.fetch;
globalThis.fetch = (url, init = {}) => {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${name}`);
  return anybody(url, { ...init, headers });
};

const read = async (path) => (await fetch(address + path)).json();
const open = () => fetch(`${model}/open`);
const history = async (id) => (await read(`/api/chat/${name}-${id}`)).messages;
const reload = async (id) => new Chat(id, await history(id));
const states = (chat) => chat.messages.map(({ role, parts }) => `${role}: ${parts.map(({ type, state }) => (state ? `${type} ${state}` : type)).join(', ')}`);
const jobs = async (chat) => (await read(`/api/jobs?quote=${chat.call().approval.id}`)).jobs.length;
const quote = (chat) => read(`/api/quotes/${chat.call().approval.id}`);

let film = 0;

/** A chat in which an offer waits. Each film is another: what is owned already would cost nothing. */
async function offered(id) {
  const chat = new Chat(id);
  const brief = JSON.stringify({ brief: `Keeper ${(film += 1)} of ${name} finds a letter, 3 seconds in 1 shot`, by: 'rules' });
  await chat.say(`tool plan_shots ${brief}\ntool generate_video {}\nThank you.`);
  return chat;
}

const scenarios = {
  async text() {
    const chat = new Chat('text');
    await chat.say('Good evening to you.');
    return { states: states(chat), text: chat.text(), metadata: chat.messages[1].metadata, status: chat.status };
  },

  async 'tool card'() {
    const chat = new Chat('card');
    await chat.say('tool check_budget {}\nThat is all.');
    const [card] = chat.parts('tool-check_budget');
    return { states: states(chat), input: card.input, summary: card.output.summary };
  },

  async approve() {
    const chat = await offered('approve');
    const asked = states(chat);
    const [shown] = chat.parts('data-quote').map(({ id, data }) => [id, data.state]);
    await chat.answer(true);
    const [after] = chat.parts('data-quote').map(({ id, data }) => [id, data.state]);
    return { asked, shown: shown[1], same: shown[0] === after[0], after: after[1], states: states(chat), text: chat.text(), jobs: await jobs(chat), status: chat.status };
  },

  async 'decline with a reason'() {
    const chat = await offered('decline');
    await chat.answer(false, 'too dear');
    const { state, reason } = await quote(chat);
    return { states: states(chat), state, reason, jobs: await jobs(chat), status: chat.status };
  },

  async 'reload, then approve'() {
    const first = await offered('reload');
    const chat = await reload('reload');
    const same = JSON.stringify(states(chat)) === JSON.stringify(states(first));
    await chat.answer(true);
    return { same, call: chat.call().state, text: chat.text(), messages: chat.messages.length, jobs: await jobs(chat), status: chat.status };
  },

  async 'a second tab approves, too'() {
    const first = await offered('tabs');
    const second = await reload('tabs');
    await first.answer(true);
    await second.answer(true);
    return { same: JSON.stringify(states(first)) === JSON.stringify(states(second)), text: second.text(), jobs: await jobs(second), status: second.status };
  },

  async 'a second tab declines what is approved'() {
    const first = await offered('contrary');
    const second = await reload('contrary');
    await first.answer(true);
    await second.answer(false);
    return { status: second.status, problem: JSON.parse(second.error.message).type, state: (await quote(first)).state };
  },

  async 'a cut line is taken up again'() {
    const chat = new Chat('cut');
    const turn = chat.say('gate 20 20');
    await until(() => chat.messages.length === 2 && chat.text().includes('19'));
    chat.cut();
    await turn;
    const broken = chat.status;
    const resumed = chat.resumeStream();
    await until(() => chat.status === 'streaming');
    await open();
    await resumed;
    return { broken, text: chat.text(), messages: chat.messages.length, kept: JSON.stringify((await reload('cut')).text()) === JSON.stringify(chat.text()), status: chat.status };
  },

  async 'a reload in the middle of a turn'() {
    const first = new Chat('middle');
    const turn = first.say('gate 20 20');
    await until(() => first.messages.length === 2 && first.text().includes('19'));
    const second = await reload('middle');
    const before = second.messages.length;
    const resumed = second.resumeStream();
    await until(() => second.status === 'streaming');
    await open();
    await Promise.all([turn, resumed]);
    return { before, text: second.text(), same: JSON.stringify(states(first)) === JSON.stringify(states(second)) };
  },

  async 'a reload while an approved turn goes on'() {
    const first = new Chat('onward');
    const brief = JSON.stringify({ brief: `A heron of ${name} waits, 3 seconds in 1 shot`, by: 'rules' });
    await first.say(`tool plan_shots ${brief}\ntool generate_video {}\ngate 20 20`);
    const answered = first.answer(true);
    await until(() => first.text().includes('19'));
    const second = await reload('onward');
    const resumed = second.resumeStream();
    await until(() => second.status === 'streaming');
    await open();
    await Promise.all([answered, resumed]);
    return { text: second.text(), same: JSON.stringify(states(first)) === JSON.stringify(states(second)), call: second.call().state, status: second.status };
  },

  async 'a message while an offer is open'() {
    const chat = await offered('instead');
    await chat.say('Never mind.');
    const { state, reason } = await quote(chat);
    return { state, reason, text: chat.text(), states: states(chat).slice(2), status: chat.status, jobs: await jobs(chat) };
  },

  async 'a second message while a turn runs'() {
    const first = new Chat('busy');
    const turn = first.say('gate 20 20');
    await until(() => first.messages.length === 2 && first.text().includes('19'));
    const second = await reload('busy');
    await second.say('Me too.');
    const problem = JSON.parse(second.error.message).type;
    await open();
    await turn;
    return { problem, statuses: second.statuses, kept: (await reload('busy')).messages.length };
  },

  async 'stop keeps what was said'() {
    const chat = new Chat('stop');
    const turn = chat.say('gate 20 20');
    await until(() => chat.messages.length === 2 && chat.text().includes('19'));
    await fetch(`${address}/api/chat/${name}-stop/stop`, { method: 'POST' });
    await turn;
    await open();
    const kept = await reload('stop');
    await kept.say('What now?');
    return { text: chat.text(), same: kept.messages[1].parts.at(-1).text === chat.text(), status: chat.status, after: kept.text(), metadata: Object.keys(chat.messages[1].metadata) };
  },

  async regenerate() {
    const chat = new Chat('again');
    await chat.say('First words.');
    await chat.say('Second words.');
    const before = chat.messages[3].id;
    await chat.regenerate();
    const messages = await history('again');
    return { texts: chat.messages.map(({ parts }) => parts.at(-1).text), other: before !== chat.messages[3].id, same: JSON.stringify(messages.map(({ id }) => id)) === JSON.stringify(chat.messages.map(({ id }) => id)) };
  },

  async edit() {
    const chat = new Chat('edit');
    await chat.say('First words.');
    await chat.say('Second words.');
    const [{ id: messageId }] = chat.messages;
    await chat.say('Other words.', { messageId });
    const messages = await history('edit');
    await chat.say('recall');
    return { texts: messages.map(({ parts }) => parts.at(-1).text), same: messages[0].id === messageId, heard: chat.text(), status: chat.status };
  },

  async 'nothing that money went out in is taken back'() {
    const chat = await offered('spent');
    await chat.answer(true);
    const before = await history('spent');
    await chat.regenerate();
    const messages = await history('spent');
    return { problem: JSON.parse(chat.error.message).type, same: JSON.stringify(before) === JSON.stringify(messages) };
  },

  async 'nothing to take up'() {
    const chat = new Chat('idle');
    await chat.say('Hello.');
    await chat.resumeStream();
    return { statuses: chat.statuses, messages: chat.messages.length, status: chat.status };
  },
};

console.log(JSON.stringify({ scenario: 'version', version }));
for (const [scenario, play] of Object.entries(scenarios)) {
  try {
    console.log(JSON.stringify({ scenario, ...(await play()) }));
  } catch (error) {
    console.log(JSON.stringify({ scenario, failed: error.stack }));
  }
}
process.exit(0);
