"""PLT-7: all endpoints of a platform in one run, mixed by weight."""
import math

WEIGHTS = {'chat': 40, 'completion': 20, 'responses': 15, 'embeddings': 15, 'list models': 10}

STEPS = {
    'chat': '{chat: {question: mixed, max_tokens: 5}}',
    'completion': '{completion: {question: mixed, max_tokens: 5}}',
    'responses': '{responses: {question: mixed, max_tokens: 20}}',
    'embeddings': '{embeddings: {question: mixed}}',
    'list models': '{http: GET /v1/models, name: list models}',
}


def test_every_endpoint_gets_its_share_of_the_requests(scenario, run, fast_simulator):
    branches = ', '.join(f'{{weight: {weight}, steps: [{STEPS[name]}]}}' for name, weight in WEIGHTS.items())
    summary = run(scenario(
        target=fast_simulator.url, models='{simulated-1: {}}',
        users=f'{{caller: {{model: simulated-1, flow: [{{pick: [{branches}]}}, {{think: 5ms}}]}}}}',
        load='[{phase: sustained, users: 16, for: 3s}]')).summary
    steps = summary['by']['step']
    total = sum(steps[name]['requests'] for name in WEIGHTS)
    assert summary['errors'] == []
    assert total > 500
    for name, weight in WEIGHTS.items():
        share = weight / 100
        off = (steps[name]['requests'] - total * share) / math.sqrt(total * share * (1 - share))
        assert abs(off) < 5, f'{name}: {steps[name]["requests"]} of {total}'
    # Each is measured as what it is: what streams has a first token, what does not has none.
    assert all(steps[name]['metrics']['ttft']['count'] > 0 for name in ('chat', 'completion', 'responses'))
    assert all(not steps[name]['metrics'].get('ttft', {}).get('count')
               for name in ('embeddings', 'list models'))
