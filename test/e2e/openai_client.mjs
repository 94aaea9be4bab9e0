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

const completion = await client.completions.create({model: 'm', prompt: ['One', 'Two']});
told.completion = {
  texts: completion.choices.map((choice) => choice.text),
  tokens: completion.usage.completion_tokens,
};

told.completion.streamed = ['', ''];
for await (const chunk of await client.completions.create(
  {model: 'm', prompt: ['One', 'Two'], stream: true}))
  told.completion.streamed[chunk.choices[0].index] += chunk.choices[0].text;

const response = await client.responses.create({model: 'm', input: 'Which river is the longest?'});
told.response = {
  text: response.output_text,
  status: response.status,
  tokens: response.usage.output_tokens,
};

// The client puts the response together from the events, and refuses events out of order.
const events = client.responses.stream({model: 'm', input: 'Which river is the longest?'});
told.response.deltas = 0;
events.on('response.output_text.delta', () => { told.response.deltas += 1; });
told.response.streamed = (await events.finalResponse()).output[0].content[0].text;

// Without encoding_format the client asks for base64 and decodes it.
const decoded = await client.embeddings.create(
  {model: 'm', input: ['a bee', 'a bear'], dimensions: 16});
const floats = await client.embeddings.create(
  {model: 'm', input: ['a bee', 'a bear'], dimensions: 16, encoding_format: 'float'});
told.embeddings = {
  decoded: decoded.data.map((one) => Array.from(one.embedding)),
  floats: floats.data.map((one) => one.embedding),
};

told.models = [];
for await (const model of client.models.list())
  told.models.push(model.id);

try {
  await client.post('/chat/completions', {body: {model: 'm'}});
} catch (error) {
  told.error = {status: error.status, type: error.type};
}

console.log(JSON.stringify(told));
