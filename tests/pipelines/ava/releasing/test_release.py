"""What people confirmed of films -> a folder to give away."""

from kinetics_builder.database.tables import FilmSplit, Release


def test_try(make_house) -> None:
    house = make_house()
    report = house.release()
    print(report)
    import subprocess
    subprocess.run(["sh", "-c", f"cd {report.folder}; ls -la; cat README.md; head -5 *.csv; cat *.pbtxt; sha256sum -c SHA256SUMS; cp -r . /tmp/rel9out"])
    assert 0
