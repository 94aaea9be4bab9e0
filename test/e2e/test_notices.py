"""RES-7: who asked for it is told how a run ended: webhooks, and the CI job that it runs in."""
import http.server
import json
import threading

import pytest

from program import throng

SECRET = 'T0/B0/only-the-channel-knows'


class Channel:
    """What is posted to it, and how it answers: a status each, the last again and again."""

    def __init__(self, *answers):
        self.posts = []
        self.answers = list(answers) or [200]
        channel = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers['content-length']))
                channel.posts.append((self.path, dict(self.headers), json.loads(body)))
                status = channel.answers.pop(0) if len(channel.answers) > 1 else channel.answers[0]
                self.send_response(status)
                self.end_headers()
                self.wfile.write(f'you sent {self.path}'.encode())

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}/{SECRET}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def messages(self):
        return [body for _, _, body in self.posts]


@pytest.fixture
def channel():
    """channel(500, 200) → a Channel that answers so."""
    opened = []

    def open_one(*answers):
        opened.append(Channel(*answers))
        return opened[-1]

    yield open_one
    for one in opened:
        one.server.shutdown()
        one.server.server_close()


@pytest.fixture
def told(scenario, fast_simulator, tmp_path):
    """told(webhooks, '--option', …, code=0, env={…}) → the finished program."""

    def run(webhooks, *options, code=0, env=None, **parts):
        path = scenario(**{'target': fast_simulator.url, 'outputs': f'{{webhooks: {webhooks}}}',
                           'load': '[{phase: sustained, users: 2, for: 200ms}]', **parts})
        return throng('run', path, '--out', tmp_path / 'results', *options, env=env, check=code)

    return run


def summary_of(tmp_path):
    [path] = (tmp_path / 'results').glob('*/summary.json')
    return json.loads(path.read_text())


def test_a_channel_hears_that_a_run_passed_and_whose_programs_hear_of_failures_do_not(
        channel, told, tmp_path):
    people, program = channel(), channel()
    told(f'["{people.url}", {{url: "{program.url}", format: json, on: failure}}]')
    [message] = people.messages()
    summary = summary_of(tmp_path)
    assert message['text'].startswith(f'e2e passed: {summary["totals"]["requests"]} requests')
    [attachment] = message['attachments']
    assert attachment['color'] == 'good' and attachment['title'] == summary['run']['id']
    assert 'TTFT p50 / p95' in [field['title'] for field in attachment['fields']]
    assert program.posts == []


def test_a_broken_threshold_is_told_with_its_figure_to_people_and_to_programs(
        channel, told, tmp_path):
    people, program = channel(), channel()
    told(f'["{people.url}", {{url: "{program.url}", format: json, on: failure, '
         f'headers: {{X-Team: "a-key-of-theirs"}}}}]',
         code=99, thresholds='{ttft: ["p(50)<1ms", "p(50)<1h"]}')
    summary = summary_of(tmp_path)
    [attachment] = people.messages()[0]['attachments']
    assert attachment['color'] == 'danger'
    assert 'ttft should satisfy p(50)&lt;1ms' in attachment['text']
    [(_, headers, document)] = program.posts
    assert headers['X-Team'] == 'a-key-of-theirs'
    assert document['schema'] == 'throng.notification/1' and document['passed'] is False
    assert document['run'] == summary['run'] and document['totals'] == summary['totals']
    assert document['verdicts'] == summary['verdicts']
    assert document['metrics']['ttft'] == summary['metrics']['ttft']
    assert [one['expression'] for one in document['broken_thresholds']] == ['p(50)<1ms']


def test_a_scenario_cannot_call_people_or_draw_links(channel, told):
    people = channel()
    told(f'["{people.url}"]', scenario='"<!channel> & @here <http://evil|click>"')
    text = people.messages()[0]['text']
    assert text.startswith('&lt;!channel&gt; &amp; @\u2060here &lt;http://evil|click&gt; passed')


def test_a_run_that_does_not_begin_is_told_too(channel, told):
    people = channel()
    told(f'["{people.url}"]', code=113, target='http://127.0.0.1:1')
    assert people.messages()[0]['text'] == 'e2e failed'
    assert 'cannot be reached' in people.messages()[0]['attachments'][0]['text']


def test_where_the_variable_of_a_webhook_is_not_set_nobody_is_told(channel, told):
    people = channel()
    told(f'["${{NO_SUCH_HOOK:-}}", {{url: "${{NO_SUCH_HOOK:-}}"}}, "{people.url}"]')
    assert len(people.posts) == 1


def test_an_option_or_the_environment_names_one_too(channel, told):
    people, others = channel(), channel()
    told(f'["{people.url}"]', env={'THRONG_NOTIFY': f'failure={others.url}'})
    assert len(people.posts) == 1 and others.posts == []
    told('[]', '--notify', others.url)
    assert others.messages()[0]['text'].startswith('e2e passed')
    told('[]', env={'THRONG_NOTIFY': 'failure='})
    refused = told('[]', '--notify', 'ftp://x/only-they-know', code=2)
    assert '--notify: a scheme other than http' in refused.stderr
    assert 'only-they-know' not in refused.stderr


def test_a_webhook_that_is_busy_is_asked_again(channel, told):
    people = channel(503, 200)
    assert 'was not told' not in told(f'["{people.url}"]').stderr
    assert len(people.posts) == 2


def test_what_is_not_delivered_is_warned_of_without_the_url_and_changes_nothing(
        channel, told, tmp_path):
    people = channel(404)
    done = told(f'["{people.url}"]')
    assert len(people.posts) == 1  # the same again would be refused again
    assert 'the webhook at 127.0.0.1:' in done.stderr and 'it answered 404: you sent /' in done.stderr
    assert summary_of(tmp_path)['run']['exit_code'] == 0
    kept = [path.read_bytes() for path in (tmp_path / 'results').glob('*/*') if path.is_file()]
    assert not any(SECRET.encode() in text
                   for text in (done.stdout.encode(), done.stderr.encode(), *kept))


def test_with_strict_export_what_is_not_delivered_fails_the_run(channel, told, tmp_path):
    told(f'["{channel(404).url}"]', '--strict-export', code=115)
    summary = summary_of(tmp_path)
    assert summary['run']['exit_code'] == 115
    assert 'webhooks' in summary['verdicts'][0]['sentence']


@pytest.fixture
def github(tmp_path):
    return {'GITHUB_ACTIONS': 'true', 'GITHUB_STEP_SUMMARY': str(tmp_path / 'step.md'),
            'GITHUB_SERVER_URL': 'https://github.example', 'GITHUB_REPOSITORY': 'a/b',
            'GITHUB_RUN_ID': '7'}


def test_github_is_told_of_what_was_broken_and_gets_the_page(channel, told, github, tmp_path):
    people = channel()
    (tmp_path / 'step.md').write_text('what was there\n')
    done = told(f'["{people.url}"]', '--quiet', code=99, env=github,
                thresholds='{ttft: "p(50)<1ms"}', scenario='"50%: all, of them"')
    [line] = done.stdout.splitlines()
    assert line.startswith('::error title=throng 50%25%3A all%2C of them::ttft should satisfy '
                           'p(50)<1ms: ')
    page = (tmp_path / 'step.md').read_text()
    assert page.startswith('what was there\n# ') and '**99** ttft should satisfy' in page
    link = people.messages()[0]['attachments'][0]['title_link']
    assert link == 'https://github.example/a/b/actions/runs/7'


def test_elsewhere_or_if_it_is_not_wanted_no_ci_is_told(told, github, tmp_path):
    for options, env in (((), {}), (('--ci', 'none'), github)):
        done = told('[]', '--quiet', *options, code=99, env=env, thresholds='{ttft: "p(50)<1ms"}')
        assert done.stdout == '' and not (tmp_path / 'step.md').exists()
