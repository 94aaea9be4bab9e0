"""USR-1: questions on the command line."""
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
