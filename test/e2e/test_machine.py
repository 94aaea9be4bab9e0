"""FAULTS: what happens to the machine while throng runs."""
import signal
import subprocess

import openai
import pytest

from program import THRONG, Results, environment, throng

HOUR = '[{phase: sustained, users: 3, for: 1h}]'


def piped_into_head(*words):
    """Exit codes of the program and of a reader that goes away after one line."""
    program = subprocess.Popen([THRONG, *map(str, words)], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=environment())
    head = subprocess.run(['head', '-n', '1'], stdin=program.stdout, capture_output=True,
                          timeout=30)
    program.stdout.close()
    said = program.stderr.read().decode()
    program.stderr.close()
    return program.wait(30), head.stdout.decode(), said


def test_fault_41_a_reader_that_went_away_is_no_failure_of_printing():
    code, line, said = piped_into_head('questions', '--count', '1000000')
    assert (code, said) == (0, '')
    assert line.endswith('\n')


def test_fault_41_a_run_whose_terminal_went_away_goes_on_and_keeps_its_results(
        scenario, fast_simulator, tmp_path):
    path = scenario(target=fast_simulator.url)
    code, _, _ = piped_into_head('run', path, '--headless', '--out', tmp_path, '--run-id', 'alone')
    assert code == 0
    assert Results(tmp_path / 'alone').summary['totals']['requests'] > 0


@pytest.mark.alone
def test_fault_45_a_program_that_was_stopped_for_a_while_says_so(processes, scenario, tmp_path,
                                                                 simulate):
    """It sleeps for as long as the simulator takes for an answer of 0.8 seconds."""
    simulator = simulate('--ttft', '20ms', '--gap', '20ms', '--tokens', '40')
    path = scenario(target=simulator.url, load=HOUR, limits='{requests: 9}')
    process = processes('run', path, '--quiet', '--out', tmp_path, '--run-id', 'slept')
    simulator.wait_for_streams(3)
    process.signal(signal.SIGSTOP)
    with openai.OpenAI(base_url=simulator.url + '/v1', api_key='-') as client:
        client.chat.completions.create(model='m', messages=[{'role': 'user', 'content': 'Wait.'}])
    process.signal(signal.SIGCONT)
    assert process.wait() == 0

    results = Results(tmp_path / 'slept')
    client = results.summary['client']
    assert {s['outcome'] for s in results.samples()} == {'ok'}
    assert all(s['chunks'] == 40 for s in results.samples())
    # What came while it slept is late, of one read whose gaps are unknown, or without a stamp.
    assert (client['client_delay']['max'] > 200 or client['unresolved_chunks'] > 30 or
            client['unstamped_chunks'] > 30)


def test_samples_of_a_file_that_was_cut_off_are_read_up_to_there(scenario, run, fast_simulator,
                                                                 tmp_path):
    results = run(scenario(target=fast_simulator.url))
    whole = (results.folder / 'samples.bin').read_bytes()
    cut = tmp_path / 'cut.bin'
    cut.write_bytes(whole[:len(whole) * 2 // 3])
    done = throng('samples', cut, check=0)
    assert 'cut off' in done.stderr
    assert 0 < len(done.stdout.splitlines()) < len(results.samples())
    cut.write_bytes(b'something else')
    assert throng('samples', cut).returncode == 1
