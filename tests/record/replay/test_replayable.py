"""Which run is meant, whatever ends at that moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.record.replay import replayable
from gates.record.replay.replayable import ReplayError
from support import event_logs


def test_a_run_that_ends_between_two_looks_is_not_said_not_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = event_logs.opened(tmp_path / ".gates" / "events")
    listed = replayable._newest_first

    def late(folder: Path) -> list[Path]:
        found = listed(folder)
        log.write("command_end", event_logs.ended())
        log.close()
        return found

    monkeypatch.setattr(replayable, "_newest_first", late)
    with pytest.raises(ReplayError, match="has not ended"):
        replayable.find(tmp_path, log.run)
