// Calls a server with OpenAI's client and prints what came back as JSON: see test_simulate_npm.py.
import OpenAI from 'openai';

const client = new OpenAI({baseURL: `${process.argv[2]}/v1`, apiKey: '-', maxRetries: 0});
const messages = [{role: 'user', content: 'Which river is the longest?'}];
const told = {};

const plain = await client.chat.completions.create({model: 'm', messages});
told.plain = {
  text: plain.choices[0].message.content,
  finish: plain.choices[0].finish_reason,
  tokens: plain.usage.completion_tokens,
};

const stream = await client.chat.completions.create(
  {model: 'm', messages, stream: true, stream_options: {include_usage: true}});
told.streamed = {text: '', chunks: 0, tokens: null};
for await (const chunk of stream) {
  const content = chunk.choices[0]?.delta?.content;
  if (content) {
    told.streamed.text += content;
    told.streamed.chunks += 1;
  }
  if (chunk.usage)
    told.streamed.tokens = chunk.usage.completion_tokens;
}

told.models = [];
for await (const model of client.models.list())
  told.models.push(model.id);

try {
  await client.post('/chat/completions', {body: {model: 'm'}});
} catch (error) {
  told.error = {status: error.status, type: error.type};
}

console.log(JSON.stringify(told));
