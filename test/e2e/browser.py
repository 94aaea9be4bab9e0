"""A headless Chromium, driven as a reader would: it opens pages and says what went wrong on them."""
import json
import os

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

# Debian's driver is used; nothing is looked for or downloaded.
os.environ['SE_OFFLINE'] = 'true'
DRIVER = '/usr/bin/chromedriver'


class Browser:
    """One for a whole file of tests. driver: selenium's, for all that is not here."""

    def __init__(self):
        options = Options()
        # As root in a container there is no sandbox for it, and little shared memory.
        for switch in ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'):
            options.add_argument(switch)
        options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))

    def open(self, address, width=1400, height=900, dark=False):
        """Opens a URL, or a file's path, in a window of that size."""
        self._clear()
        self.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {
            'features': [{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}]})
        self.driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
            'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': width < 600})
        self.driver.get(address if '://' in str(address) else f'file://{address}')

    def run(self, script, *arguments):
        """What a script returns: run('return document.title')."""
        return self.driver.execute_script(script, *arguments)

    def problems(self):
        """What the page complained about since it was opened: errors and refused loads."""
        return [entry['message'] for entry in self.driver.get_log('browser') if entry['level'] in ('SEVERE', 'WARNING')]

    def requested(self):
        """The addresses that the page asked for since it was opened, its own first."""
        messages = (json.loads(entry['message'])['message'] for entry in self.driver.get_log('performance'))
        return [message['params']['request']['url'] for message in messages
                if message['method'] == 'Network.requestWillBeSent'
                and not message['params']['request']['url'].startswith('data:')]

    def hover(self, element, right, down):
        """Moves the mouse over an element, to so many pixels from its left upper corner."""
        place = self.run('arguments[0].scrollIntoView({block: "center", behavior: "instant"}); const place = arguments[0].getBoundingClientRect();'
                         'return [place.left, place.top]', element)
        self.driver.execute_cdp_cmd('Input.dispatchMouseEvent', {
            'type': 'mouseMoved', 'x': place[0] + right, 'y': place[1] + down})

    def drag(self, element, from_right, to_right, down):
        """Drags over an element from left to right."""
        self.hover(element, from_right, down)
        place = self.run('const place = arguments[0].getBoundingClientRect(); return [place.left, place.top]', element)
        for kind, right in (('mousePressed', from_right), ('mouseMoved', (from_right + to_right) / 2),
                            ('mouseMoved', to_right), ('mouseReleased', to_right)):
            self.driver.execute_cdp_cmd('Input.dispatchMouseEvent', {
                'type': kind, 'x': place[0] + right, 'y': place[1] + down, 'button': 'left', 'buttons': 1,
                'clickCount': 1})

    def close(self):
        self.driver.quit()

    def _clear(self):
        for log in ('browser', 'performance'):
            self.driver.get_log(log)
