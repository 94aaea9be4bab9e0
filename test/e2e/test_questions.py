"""USR-1: questions on the command line."""
import json

import pytest

from program import throng

STRATEGIES = ('historical', 'mathematical', 'geographical', 'hypothetical', 'technical', 'mixed')


@pytest.mark.parametrize('strategy', STRATEGIES)
def test_no_question_comes_twice(strategy):
    asked = throng('questions', '--strategy', strategy, '--users', '50', '--orgs', '5',
                   '--count', '20000', check=0).stdout.splitlines()
    assert len(asked) == 20000
    assert len(set(asked)) == 20000


@pytest.mark.parametrize('strategy', STRATEGIES)
def test_questions_differ_in_their_first_words_so_that_no_prefix_cache_helps(strategy):
    asked = throng('questions', '--strategy', strategy, '--users', '10', '--count', '1000',
                   check=0).stdout.splitlines()
    assert len({' '.join(question.split()[:8]) for question in asked}) > 990


def test_the_same_seed_asks_the_same_and_another_seed_does_not():
    def ask(seed):
        return throng('questions', '--seed', seed, '--count', '100', check=0).stdout
    assert ask(5) == ask(5)
    assert ask(5) != ask(6)


def test_another_run_asks_other_questions_of_the_same_seed():
    def ask(run):
        return throng('questions', '--seed', 5, '--run-id', run, '--count', '100',
                      check=0).stdout
    assert ask('one') == ask('one')
    assert not set(ask('one').splitlines()) & set(ask('two').splitlines())


def test_an_unknown_strategy_is_refused_with_those_there_are():
    done = throng('questions', '--strategy', 'poetical', check=2)
    assert 'poetical' in done.stderr
    assert all(strategy in done.stderr for strategy in STRATEGIES)


SUPPORT = """
scenario: s
target: http://127.0.0.1:9
questions:
  weather: {templates: ["Will it rain in {{ lists.city }}?"], lists: {city: [Oslo, Lima]}}
  support: {templates: ["How do I {{ lists.verb }} it?"], lists: {verb: [reset, find]}}
users: {a: {flow: [{chat: {model: m, question: support}}]}}
load: [{phase: sustained, users: 1, for: 1s}]
"""


def test_questions_of_a_scenario_are_printed_by_name(tmp_path):
    (tmp_path / 's.yaml').write_text(SUPPORT)

    def ask(*words, check=0):
        return throng('questions', '--scenario', tmp_path / 's.yaml', '--count', '200', *words,
                      check=check)

    support = ask('--questions', 'support').stdout.splitlines()
    assert len(set(support)) == 200
    assert {line.rsplit(': ', 1)[1] for line in support} == {'How do I reset it?', 'How do I find it?'}
    assert {line.rsplit(': ', 1)[1] for line in ask().stdout.splitlines()} == {
        'Will it rain in Oslo?', 'Will it rain in Lima?'}
    unknown = ask('--questions', 'suport', check=2).stderr
    assert "'suport'" in unknown and 'support' in unknown and 'weather' in unknown
    assert '--scenario' in throng('questions', '--questions', 'support', check=2).stderr


def test_a_run_asks_the_questions_of_its_scenario_that_are_printed(tmp_path):
    (tmp_path / 's.yaml').write_text(SUPPORT)
    printed = throng('questions', '--scenario', tmp_path / 's.yaml', '--questions', 'support',
                     '--count', '3', check=0).stdout.splitlines()
    sent = throng('run', tmp_path / 's.yaml', '--dry-run', '--print-requests', check=0).stdout
    asked = [json.loads(json.loads(line)['body'])['messages'][0]['content']
             for line in sent.splitlines()]
    assert asked[:3] == printed
