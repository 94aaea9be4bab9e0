// Calls a server with Anthropic's client and prints what came back as JSON: see test_simulate_npm.py.
import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({baseURL: process.argv[2], apiKey: '-', maxRetries: 0});
const asked = {
  model: 'm',
  max_tokens: 100,
  messages: [{role: 'user', content: 'Which river is the longest?'}],
};
const told = {};

function summary(message) {
  return {
    texts: message.content.map((block) => block.text ?? block.thinking),
    types: message.content.map((block) => block.type),
    stop: message.stop_reason,
    tokens: message.usage.output_tokens,
  };
}

told.plain = summary(await client.messages.create(asked));

// The client puts the message together from the events.
const stream = client.messages.stream(asked);
told.deltas = 0;
stream.on('text', () => { told.deltas += 1; });
told.streamed = summary(await stream.finalMessage());

told.cut = summary(await client.messages.create({...asked, max_tokens: 6}));

try {
  await client.messages.create({...asked, messages: []});
} catch (error) {
  told.error = {name: error.constructor.name, status: error.status, type: error.error.error.type};
}

console.log(JSON.stringify(told));
