"""The demo's own settings and list of classes, written into its workspace."""

from pipelines.demo.labels import LABELS

_SETTINGS = """\
# Settings of the demo world: short clips of small videos from a site on this machine.

[search]
results_per_query = 80            # the site has about 45 uploads a class

[match]
mode = "scored"                   # as every new workspace
min_score = 0.5

[download]
max_duration_seconds = 600.0      # one upload claims two and a half hours
max_megabytes = 20.0
timeout_seconds = 60.0
allow_private = ["127.0.0.1"]     # where the site is
extractors = ["kbdemo-search", "kbdemo"]
extractor_args = {{ kbdemo = {{ base = ["{base}"] }} }}

[score]
scorer = "scorer"                 # trained on the demo's own stills
every_seconds = 0.32              # every fourth frame

[propose]
clip_seconds = 4.0                # each action stretch lasts 4.9 to 6.4 s
num_peaks = 2
min_distance_seconds = 6.0

[cut]
preset = "ultrafast"              # 160x120 pixels: speed counts more than size

[deduplicate]
max_per_video = 2                 # both stretches of a video

[assign]
slots_per_task = 20
gold_per_task = 2

[verify]
policy = "posterior"              # few answers a clip, of those who tell most
purity = 0.99
recall = 0.99
misleading = 0.002                # too few clips to learn it
max_votes = 5
min_yes = 3
haste_seconds = 0                 # simulated annotators do not wait

[curate]
num_validate = 5                  # clips of a class
num_test = 10
"""


def settings_text(base: str) -> str:
    """Return the text of the demo's `kbuild.toml`; `base` is the site's address."""
    return _SETTINGS.format(base=base)


def classes_text() -> str:
    """Return the demo's list of classes as YAML, with queries in two languages."""
    lines = []
    for label in LABELS:
        lines += [
            f"- name: {label.name}",
            f"  queries: {{en: [{label.name}], pt: [{label.portuguese}]}}",
            f"  synonyms: [{label.portuguese}]",
            f"  description: {label.description}",
        ]
    return "\n".join(lines) + "\n"
