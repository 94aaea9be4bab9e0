import http from 'k6/http';
import { check, sleep } from 'k6';

// The load: ten people for half a minute.
export const options = {
  /* a few
     people */
	vus: 10,
  duration: '30s', // not long
  thresholds: {
    http_req_duration: ['p(95)<500'],
  },
};

const BASE_URL = 'https://quickpizza.grafana.com';

export default function () {
  const res = http.get('https://quickpizza.grafana.com/api/config?lang=en');
  check(res, { 'status is 200': (r) => r.status === 200 });
  sleep(1);
  http.post(`${BASE_URL}/api/users/token/login`, JSON.stringify({ username: 'default' }));
  http.get(`${BASE_URL}/api/pizza/${id}/rating`);
  http.del("https://other.example/api/session");
  sleep(0.5);
}
