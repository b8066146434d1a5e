"""The control page: what the emulator has done, and switches for trouble. For this machine only."""

from collections.abc import Mapping
from html import escape
from typing import Any

from obzvon_site.provider.emulator.faults import KINDS
from obzvon_site.provider.emulator.script import ENDINGS

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 760px; margin: 24px auto; padding: 0 16px; }
table { border-collapse: collapse; } td, th { padding: 4px 10px; border: 1px solid #ccc; text-align: left; }
form { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0 20px; } input, select, button { font: inherit; padding: 4px 8px; }
"""


def control(state: Mapping[str, Any]) -> str:
    """The whole page."""
    facts = "".join(
        f"<tr><th>{escape(str(name))}</th><td>{escape(str(value))}</td></tr>"
        for name, value in state.items()
    )
    kinds = "".join(
        f'<option value="{kind}">{kind} — {escape(what)}</option>' for kind, what in KINDS.items()
    )
    endings = "".join(
        f"<tr><td>…{ending}</td><td>{escape(what)}</td></tr>" for ending, what in ENDINGS.items()
    )
    return f"""<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><title>Эмулятор сервиса звонков</title><style>{STYLE}</style></head>
<body>
<h1>Эмулятор сервиса звонков</h1>
<p>Ведёт себя как сервис, но никому не звонит.</p>
<table>{facts}</table>
<h2>Неполадки</h2>
<form method="post" action="/control/faults">
<select name="kind" aria-label="Какая">{kinds}</select>
<input name="method" placeholder="метод: create, get… или пусто" aria-label="Метод">
<input name="probability" value="1" size="4" aria-label="Вероятность">
<input name="count" value="1" size="4" aria-label="Сколько раз, 0 — пока не выключат">
<input name="seconds" value="5" size="4" aria-label="Секунд">
<button>Включить</button></form>
<form method="post" action="/control/clear"><button>Выключить все неполадки</button></form>
<h2>Скорость и деньги</h2>
<form method="post" action="/control/speed"><input name="speed" value="1" size="5" aria-label="Во сколько раз быстрее"> <button>Ускорить новые звонки</button></form>
<form method="post" action="/control/balance"><input name="balance" value="10000" size="8" aria-label="Рублей"> <button>Сделать баланс таким</button></form>
<h2>Номера, которые ведут себя всегда одинаково</h2>
<table><tr><th>конец номера</th><th>что будет</th></tr>{endings}</table>
</body></html>"""
