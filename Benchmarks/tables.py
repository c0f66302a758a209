"""Reads the runs that `compare` has written, and makes Markdown tables of them.

A file of runs has lines that begin with `#` (what was measured, and where), and one line for each run: cells `key=value` with
tabs between them; `case`, `server` and `round`, then all that psbench has printed."""
import statistics

from servers import PEERS

CEILINGS = ("ceiling", "ceiling-shared")
TITLES = {"ceiling": "ceiling, copying", "ceiling-shared": "ceiling, shared"}
FAULTS = {"lost": ("lost", "setup_lost"), "misordered": ("misordered", "setup_misordered", "unsub_before_sub"),
          "duplicated": ("dups", "setup_dups"), "refused": ("nacks",), "malformed": ("bad",), "stalled": ("stalled",)}


class Measure:
    """A figure of a run: what it is called, how it is got, and whether less of it is better."""

    def __init__(self, title, key, less=False, factor=1.0):
        self.title, self.less, self.factor = title, less, factor
        self.key = key

    def of(self, run):
        if callable(self.key):
            return self.key(run)
        return float(run[self.key]) * self.factor if self.key in run else None


def peak(run):
    """Peak memory above that of the server without connections, in MiB."""
    if "server_hwm_kib" in run and "rss_start_kib" in run:
        return (float(run["server_hwm_kib"]) - float(run["rss_start_kib"])) / 1024
    return None


def foreign(run):
    """Cores that were busy with something else, or stolen by the hypervisor."""
    if "elapsed_s" in run and "other_cpu_s" in run:
        return max(0.0, float(run["other_cpu_s"]) + float(run["steal_s"])) / float(run["elapsed_s"])
    return None


CORES = [Measure("server cores", "server_cores"), Measure("generator cores", "gen_cores"), Measure("other cores", foreign)]
FLOW = [Measure("deliveries/CPU-s", "msgs_per_server_cpu_s"), Measure("peak memory above idle, MiB", peak, less=True),
        Measure("deliveries/s", "msgs_per_s"), *CORES]
# By the scenario of psbench. The first is what it is about; in some cases the second one is in the summary as well.
MEASURES = {
    "fanout": FLOW,
    "pairs": FLOW,
    "connect": [Measure("connections/CPU-s", "connects_per_server_cpu_s"), Measure("connections/s", "connects_per_s"),
                Measure("login p50 µs", "login_p50_us"), Measure("login p99 µs", "login_p99_us"), *CORES],
    "presence": [Measure("events/CPU-s", "events_per_server_cpu_s"), Measure("events/s", "events_per_s"), *CORES],
    "idle": [Measure("bytes/connection", "bytes_per_conn", less=True),
             Measure("CPU s while idle", "idle_server_cpu_s", less=True), Measure("idle s", "idle_s"),
             Measure("RSS before, KiB", "rss_before_kib"), Measure("RSS after, KiB", "rss_after_kib"),
             Measure("opened/s", "opens_per_s"), Measure("CPU s to open", "open_server_cpu_s")],
    "latency": [Measure("p99 µs", "p99_us", less=True), Measure("p50 µs", "p50_us"), Measure("p90 µs", "p90_us"),
                Measure("p99.9 µs", "p999_us"), Measure("max µs", "max_us"), Measure("send lag p99 µs", "send_lag_p99_us"),
                Measure("server CPU s", "server_cpu_s")],
}


class Case:
    """The runs of one scenario."""

    def __init__(self, name):
        self.name = name
        self.runs = []

    @property
    def measures(self):
        kind = next((run["scenario"] for run in self.runs if "scenario" in run), None)
        return MEASURES.get(kind, [])

    @property
    def servers(self):
        """In the order of the tables: ssmpd, its peers, the ceilings."""
        order = [*PEERS, *CEILINGS]
        names = {run["server"] for run in self.runs}
        return sorted(names, key=lambda name: (order.index(name) + 1 if name in order else 0, name))

    def by_round(self, server, measure):
        """{round: value} of the runs that gave one."""
        runs = [run for run in self.runs if run["server"] == server]
        return {run["round"]: value for run in runs if (value := measure.of(run)) is not None}

    def median(self, server, measure):
        return middle(self.by_round(server, measure).values())

    def ratios(self, server, other, measure):
        """Of one server to another, within each round."""
        a, b = self.by_round(server, measure), self.by_round(other, measure)
        return [a[r] / b[r] for r in a if r in b and b[r] > 0]

    def best_peer(self, measure):
        """The one with the best median."""
        peers = {p: m for p in PEERS if p in self.servers and (m := self.median(p, measure)) is not None}
        return (min if measure.less else max)(peers, key=peers.get) if peers else None


def middle(values):
    values = list(values)
    return statistics.median(values) if values else None


def faults(run):
    """What went wrong in a run, as {word: count}."""
    found = {word: sum(abs(int(run.get(key, 0))) for key in keys) for word, keys in FAULTS.items()}
    found = {word: count for word, count in found.items() if count}
    if run.get("error"):
        found[run["error"]] = 1
    return found


def read(path):
    """-> lines about the measurement, cases in the order in which they were measured"""
    about, cases = [], {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if line.startswith("#"):
                about.append(line[1:].strip())
            elif line:
                run = dict(cell.split("=", 1) for cell in line.split("\t"))
                cases.setdefault(run["case"], Case(run["case"])).runs.append(run)
    return about, list(cases.values())


def figure(value):
    """A number as people read it: three digits at least, and M for millions."""
    if value is None:
        return "–"
    if abs(value) >= 999_500:
        return figure(value / 1e6) + " M"
    if abs(value) >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 9.995 else f"{value:.2f}"


def spread(values):
    values = list(values)
    return f"{figure(min(values))} – {figure(max(values))}" if values else "–"


def ratio(values):
    """The median of ratios, and their range."""
    if not values:
        return "–"
    return f"**{middle(values):.2f}** ({min(values):.2f} – {max(values):.2f})" if len(values) > 1 else f"**{values[0]:.2f}**"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * 2 + "--:|" * (len(head) - 2)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def title(server):
    return TITLES.get(server, server)


def ours(case):
    return [server for server in case.servers if server.startswith("ssmpd")]


def summary(cases):
    """One line for each scenario and each way of running ssmpd."""
    rows = []
    for case in cases:
        measures = case.measures[:1]
        if case.name.startswith("idle") or case.name == "fanout-1x1000":
            measures = case.measures[:2]
        for measure in measures:
            best = case.best_peer(measure)
            for server in ours(case):
                against = [ratio(case.ratios(server, other, measure)) for other in (best, *CEILINGS)]
                if best and against[0] != "–":
                    against[0] += f" {best}"
                count = {word: sum(faults(run).get(word, 0) for run in case.runs if run["server"] == server)
                         for word in ("lost", "misordered")}
                rows.append([case.name, measure.title + (" ↓" if measure.less else ""), title(server),
                             figure(case.median(server, measure)), spread(case.by_round(server, measure).values()), *against,
                             f"{count['lost']} / {count['misordered']}"])
    head = ["scenario", "figure", "server", "median", "range", "to the best peer", "to the copying ceiling",
            "to the shared ceiling", "lost / misordered"]
    lines = table(head, rows)
    lines[1] = "|---|---|---|" + "--:|" * (len(head) - 3)
    return lines


def details(case):
    """All figures of a scenario, a line for each server."""
    main, *more = case.measures
    mine = ours(case)
    rows = []
    for server in case.servers:
        runs = [run for run in case.runs if run["server"] == server]
        values = case.by_round(server, main)
        count = {word: sum(faults(run).get(word, 0) for run in runs) for word in ("lost", "misordered")}
        rows.append([title(server), str(len(values)), figure(middle(values.values())), spread(values.values()),
                     *(ratio(case.ratios(one, server, main)) if one != server else "" for one in mine),
                     *(figure(case.median(server, measure)) for measure in more),
                     f"{count['lost']:,}", f"{count['misordered']:,}"])
    head = ["server", "runs", main.title + (" ↓" if main.less else ""), "range", *(f"{one} ÷ it" for one in mine),
            *(measure.title for measure in more), "lost", "misordered"]
    lines = table(head, rows)
    busy = [title(s) for s in case.servers if any(m.title == "generator cores" for m in more)
            and (case.median(s, Measure("", "gen_cores")) or 0) > 0.9]
    if busy:
        lines += ["", "The generator was the limit (more than 0.9 of a core) with " + ", ".join(busy)
                  + ": figures per second say little there, those per CPU second hold."]
    return lines


def complaints(cases):
    """Every run that lost, misordered or refused something, or failed."""
    return [f"{case.name}, {title(run['server'])}, round {run['round']}: "
            + ", ".join(f"{count} {word}" if word in FAULTS else word for word, count in faults(run).items())
            for case in cases for run in case.runs if faults(run)]


def markdown(path):
    about, cases = read(path)
    lines = ["## Summary", "",
             "Medians over the rounds. A ratio is that of ssmpd to the other server within a round: its median over the rounds, and its "
             "range. The best peer is the one with the best median. Where a figure has ↓, less is better.", ""]
    wrong = complaints(cases)
    if wrong:
        lines += ["**SOMETHING WENT WRONG**", "", *("- **" + text + "**" for text in wrong), ""]
    lines += summary(cases)
    if not wrong:
        lines += ["", "No run lost, duplicated or misordered a message."]
    for case in cases:
        lines += ["", "### " + case.name, ""]
        arguments = [text.split(": ", 1)[1] for text in about if text.startswith(f"scenario {case.name}: ")]
        lines += [f"`psbench {arguments[0]}`", ""] if arguments else []
        lines += details(case) if case.measures else ["No run gave a figure."]
    lines += ["", "### Where and when", "", *("- " + text for text in about if not text.startswith("scenario "))]
    return "\n".join(lines) + "\n"


def plain_summary(path):
    """The summary for a terminal: the same table in columns, without Markdown's marks."""
    _, cases = read(path)
    rows = [[cell.strip().replace("**", "") for cell in line.strip("|").split("|")] for line in summary(cases)]
    del rows[1]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    keep = [i for i in range(len(rows[0])) if i < 5 or any(row[i] != "–" for row in rows[1:])]
    lines = ["  ".join(row[i].ljust(widths[i]) if i < 3 else row[i].rjust(widths[i]) for i in keep).rstrip() for row in rows]
    return "\n".join(lines) + "\n"
