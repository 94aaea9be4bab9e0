#!/usr/bin/env python3
"""Runs throng against a server that its authors did not write, and compares both sides' figures.

usage: test/bench/independent.py THRONG FOLDER

The server is NVIDIA Dynamo from its Python packages: the HTTP frontend that production uses,
before the "mocker" engine, which schedules like vLLM but computes nothing. It needs no GPU and no
weights: a vocabulary of made-up words takes the place of a model. The frontend keeps histograms of
the time to first token and of the gaps between tokens; they cover this run alone, since it is
started for it.

FOLDER holds the packages (some 500 MB) and is used again when it exists.
"""
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

PACKAGES = ['ai-dynamo==1.2.1']
VOCABULARY = 4096
START_S = 120

SCENARIO = """
scenario: independent
seed: 7
target: {url: "${PEER_URL}", api_key: "${PEER_KEY}"}
users:
  asker:
    model: ${PEER_MODEL}
    think_time: 100ms..400ms
    flow: [{chat: {question: mixed, max_tokens: 64}}, think]
load: [{phase: sustained, users: 40, for: 20s}]
"""

# Prints the model folder of which the frontend reads vocabulary and chat template.
MAKE_MODEL = """
import json, pathlib, sys
from tokenizers import Tokenizer, models, pre_tokenizers
folder, size = pathlib.Path(sys.argv[1]), int(sys.argv[2])
folder.mkdir(exist_ok=True)
words = ['<unk>', '<s>', '</s>'] + [f'w{i}' for i in range(3, size)]
tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token='<unk>'))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer.add_special_tokens(['<s>', '</s>'])
tokenizer.save(str(folder / 'tokenizer.json'))
ids = {'bos_token_id': 1, 'eos_token_id': 2}
files = {
    'generation_config.json': ids,
    'tokenizer_config.json': {
        'tokenizer_class': 'PreTrainedTokenizerFast', 'bos_token': '<s>', 'eos_token': '</s>',
        'unk_token': '<unk>', 'model_max_length': 8192,
        'chat_template': "{% for m in messages %}{{ m['role'] }} : {{ m['content'] }}\\n"
                         "{% endfor %}assistant :"},
    'config.json': {
        'architectures': ['LlamaForCausalLM'], 'model_type': 'llama', 'hidden_size': 64,
        'intermediate_size': 128, 'num_hidden_layers': 2, 'num_attention_heads': 4,
        'num_key_value_heads': 4, 'vocab_size': size, 'max_position_embeddings': 8192,
        'torch_dtype': 'bfloat16', **ids}}
for name, content in files.items():
    (folder / name).write_text(json.dumps(content))
"""


def install(folder):
    """The packages and the made-up model. Returns the Python that has them."""
    python = folder / 'venv/bin/python'
    if not python.exists():
        subprocess.run([sys.executable, '-m', 'venv', folder / 'venv'], check=True)
    subprocess.run([python, '-m', 'pip', 'install', '-q', '--only-binary', ':all:', *PACKAGES],
                   check=True)
    subprocess.run([python, '-c', MAKE_MODEL, folder / 'model', str(VOCABULARY)], check=True)
    return python


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


class Peer:
    """The frontend and one engine; they find each other through files."""

    def __init__(self, python, folder):
        self.url = f'http://127.0.0.1:{free_port()}'
        store = folder / f'discovery-{os.getpid()}'
        common = ['--discovery-backend', 'file', '--request-plane', 'tcp']
        env = {**os.environ, 'DYN_FILE_KV': str(store), 'DYN_LOG': 'error',
               'DYN_EVENT_PLANE': 'zmq', 'HF_HUB_OFFLINE': '1'}
        self.processes = [
            self.start(folder / f'{module}.log', env, python, '-m', f'dynamo.{module}', *common,
                       *more)
            for module, more in (
                ('mocker', ['--model-path', folder / 'model', '--no-enable-prefix-caching']),
                ('frontend', ['--http-host', '127.0.0.1', '--http-port', self.url.split(':')[-1],
                              '--router-mode', 'round-robin']))]

    @staticmethod
    def start(log, env, *words):
        with open(log, 'w') as output:
            return subprocess.Popen(list(map(str, words)), env=env, stdout=output, stderr=output,
                                    start_new_session=True)

    def wait(self):
        """Until it serves the model, whose name is returned."""
        deadline, pause = time.monotonic() + START_S, threading.Event()
        while time.monotonic() < deadline:
            try:
                models = json.loads(get(self.url + '/v1/models'))['data']
            except OSError:
                models = []
            if models:
                return models[0]['id']
            pause.wait(0.2)
        sys.exit(f'the server did not start within {START_S} s; its logs are in the folder')

    def figures(self):
        """Metric → value; histograms as _sum, _count and a list of (upper bound, cumulated)."""
        values, buckets = {}, {}
        for name, labels, value in re.findall(r'^(\w+)\{(.*)\} (\S+)$', get(self.url + '/metrics'),
                                              re.M):
            bound = re.search(r'le="([^"]+)"', labels)
            if not name.startswith('dynamo_frontend_'):
                continue
            short = name.removeprefix('dynamo_frontend_')
            if bound:
                buckets.setdefault(short, []).append((float(bound[1]), float(value)))
            else:
                values[short] = values.get(short, 0) + float(value)
        return values, buckets

    def stop(self):
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def measure(throng, folder, peer, model):
    scenario, out = folder / 'scenario.yaml', folder / 'results'
    scenario.write_text(SCENARIO)
    run_id = f'independent-{os.getpid()}'
    subprocess.run([throng, 'run', scenario, '--out', out, '--run-id', run_id, '--headless'],
                   check=True, env={**os.environ, 'PEER_URL': peer.url, 'PEER_MODEL': model,
                                    'PEER_KEY': 'sk-no-key-is-asked-for'})
    samples = subprocess.run([throng, 'samples', out / run_id / 'samples.bin'], check=True,
                             capture_output=True, text=True).stdout
    return (json.loads((out / run_id / 'summary.json').read_text()),
            [json.loads(line) for line in samples.splitlines()])


def compare(summary, samples, values, buckets):
    totals = summary['all']

    def theirs_ms(name):
        return 1000 * values[f'{name}_sum'] / values[f'{name}_count']

    def ours_ms(end):
        return statistics.mean(s[end] - s['sent_ns'] for s in samples) / 1e6

    rows = [
        ('requests', totals['requests'], values['requests_total'], '.0f'),
        ('prompt tokens', totals['prompt_tokens'], values['input_sequence_tokens_sum'], '.0f'),
        ('output tokens', totals['completion_tokens'], values['output_sequence_tokens_sum'], '.0f'),
        ('time to first token, mean ms', ours_ms('first_output_ns'),
         theirs_ms('time_to_first_token_seconds'), '.3f'),
        ('gap between chunks, mean ms', totals['metrics']['icl']['mean'],
         theirs_ms('inter_token_latency_seconds'), '.3f'),
        ('whole answer, mean ms', ours_ms('end_ns'), theirs_ms('request_duration_seconds'), '.3f'),
    ]
    print(f"\n{', '.join(PACKAGES)}; {totals['failed']} requests failed")
    print('\n| figure | throng | the server itself | difference |\n|---|---|---|---|')
    for name, ours, theirs, form in rows:
        print(f'| {name} | {ours:{form}} | {theirs:{form}} | {ours - theirs:+{form}} |')

    print('\n| first token within | throng | the server itself |\n|---|---|---|')
    waits = [s['first_output_ns'] - s['sent_ns'] for s in samples if 'first_output_ns' in s]
    for bound, cumulated in buckets['time_to_first_token_seconds_bucket']:
        if 0 < cumulated and bound < 1:
            ours = sum(wait <= bound * 1e9 for wait in waits)
            print(f'| {1000 * bound:g} ms | {ours} | {cumulated:.0f} |')


def main(throng, folder):
    folder = pathlib.Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    peer = Peer(install(folder), folder)
    try:
        model = peer.wait()
        summary, samples = measure(throng, folder, peer, model)
        compare(summary, samples, *peer.figures())
    finally:
        peer.stop()


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
