# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks themselves, fed small trees: each rule must pass what is right and name what is wrong."""

import pathlib
import tempfile
import unittest

import check_build
import check_tree

LICENCE = f"// {check_tree.SPDX}\n"


class TreeCase(unittest.TestCase):
    def found(self, path: str, body: str, licence: str = LICENCE) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(licence + body)
            return check_tree.violations(root.resolve())

    def assert_clean(self, path: str, body: str) -> None:
        self.assertEqual(self.found(path, body), [])

    def assert_found(self, path: str, body: str, words: str, licence: str = LICENCE) -> None:
        found = self.found(path, body, licence)
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])
        self.assertIn(path, found[0])


class Includes(TreeCase):
    ALLOWED = (
        ("ui/pages/a.cpp", '#include "core/results/plan.h"\n#include <QWidget>\n#include <qcustomplot.h>\n#include "a.moc"\n'),
        ("app/cli/a.cpp", '#include "core/session/session.h"\n#include <CLI/CLI.hpp>\n#include <nlohmann/json.hpp>\n'),
        ("app/studio/main.cpp", '#include "ui/shell/main_window.h"\n#include <QApplication>\n'),
        ("core/quant/a.cpp", '#include "core/calib/a.h"\n#include "core/results/plan.h"\n#include <ATen/ATen.h>\n'
                             '#include "kernels/layout/packed.h"\n#include <Eigen/Dense>\n'),
        ("core/io/a.h", "#include <nlohmann/json.hpp>\n#include <span>\n#include <sys/mman.h>\n"),
        ("core/tokenizer/a.cpp", '#include "core/io/gguf.h"\n#include <pcre2.h>\n'),
        ("core/results/a.cpp", '#include "core/base/error.h"\n'),
        ("core/session/session.cpp", '#include "core/export/a.h"\n#include <ATen/ATen.h>\n'),
        ("kernels/gemm/a.cu", '#include "kernels/common/launch.cuh"\n#include <cuda_fp16.h>\n'),
    )
    BANNED = (
        ("ui/pages/a.cpp", "#include <torch/torch.h>\n", "torch"),
        ("ui/pages/a.h", "  #  include <ATen/ATen.h>\n", "ATen/ATen.h"),
        ("ui/a.cpp", "#include <c10/core/Device.h>\n", "c10"),
        ("ui/a.cpp", "#include <cuda_runtime.h>\n", "cuda"),
        ("ui/a.cpp", '#include "kernels/layout/packed.h"\n', "kernels/layout"),
        ("ui/a.cpp", '#include "core/quant/rosaq.h"\n', "core/quant/rosaq.h"),
        ("ui/a.cpp", '#include "app/studio/main.h"\n', "app/studio"),
        ("ui/pages/a.cpp", '#include "b.h"\n', "from the root"),
        ("app/cli/a.cpp", "#include <QString>\n", "qt"),
        ("app/cli/a.cpp", "#include <QtCore/QString>\n", "qt"),
        ("app/cli/a.cpp", '#include "core/model/model.h"\n', "core/model/model.h"),
        ("core/quant/a.cpp", "#include <QObject>\n", "qt"),
        ("core/quant/a.cpp", '#include "ui/a.h"\n', "ui/a.h"),
        ("core/decode/a.cpp", '#include "kernels/common/launch.cuh"\n', "device code"),
        ("core/io/a.cpp", "#include <torch/script.h>\n", "torch"),
        ("core/tokenizer/a.h", "#include <ATen/ATen.h>\n", "torch"),
        ("core/base/a.h", "#include <nlohmann/json.hpp>\n", "library"),
        ("core/results/a.h", '#include "core/io/gguf.h"\n', "core/io/gguf.h"),
        ("core/session/session.h", "#include <ATen/ATen.h>\n", "torch"),
        ("core/base/a.cpp", '#include "core/results/plan.h"\n', "core/results/plan.h"),
        ("core/io/a.cpp", '#include "core/tokenizer/tokenizer.h"\n', "core/tokenizer"),
        ("core/model/a.cpp", '#include "core/calib/a.h"\n', "core/calib"),
        ("core/calib/a.cpp", '#include "core/quant/a.h"\n', "core/quant"),
        ("core/eval/a.cpp", '#include "core/export/a.h"\n', "core/export"),
        ("core/quant/a.cpp", '#include "core/session/session.h"\n', "core/session"),
        ("kernels/gemm/a.cpp", "#include <torch/torch.h>\n", "torch"),
        ("kernels/gemm/a.cpp", '#include "core/base/error.h"\n', "core/base"),
        ("kernels/gemm/a.cpp", "#include <QtGlobal>\n", "qt"),
        ("core/brandnew/a.cpp", "int a;\n", "no include rule"),
    )

    def test_allowed(self) -> None:
        for path, body in self.ALLOWED:
            with self.subTest(path=path):
                self.assert_clean(path, body)

    def test_banned(self) -> None:
        for path, body, words in self.BANNED:
            with self.subTest(path=path, body=body):
                self.assert_found(path, body, words)


class Border(TreeCase):
    """What windows and command lines include may use clean headers of core, and nothing that carries a library in."""

    def found_through(self, inner: str, user: str, used: str) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            files = {user: f'#include "{used}"\n', used: '#include "core/quant/grid.h"\n',
                     "core/quant/grid.h": inner}
            for path, body in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(LICENCE + body)
            return check_tree.violations(root)

    def test_clean_detour(self) -> None:
        self.assertEqual(self.found_through("#include <vector>\n", "core/session/session.h", "core/quant/plan.h"), [])

    def test_library_by_a_detour(self) -> None:
        for user, used in (("core/session/session.h", "core/quant/plan.h"), ("ui/pages/a.h", "core/session/parts.h"),
                           ("app/cli/a.cpp", "core/session/parts.h")):
            with self.subTest(user=user):
                found = self.found_through("#include <ATen/ATen.h>\n", user, used)
                self.assertEqual(len(found), 1, found)
                self.assertIn(f"{user}: pulls in ATen/ATen.h through core/quant/grid.h", found[0])

    def test_the_sessions_own_parts_may_use_libraries(self) -> None:
        self.assertEqual(self.found_through("#include <ATen/ATen.h>\n", "core/session/session.cpp",
                                            "core/session/parts.h"), [])


class Texts(TreeCase):
    def test_licence_line(self) -> None:
        for path in ("core/io/a.cpp", "cmake/A.cmake", "tests/core/a.cpp", "packaging/scripts/a.sh", "studio"):
            with self.subTest(path=path):
                self.assert_found(path, "int a;\n", "SPDX", licence="")

    def test_licence_line_is_not_asked_of_data(self) -> None:
        self.assertEqual(self.found("resources/texts/a.txt", "text\n", licence=""), [])

    def test_length(self) -> None:
        self.assert_clean("ui/a.cpp", "\n" * (check_tree.MAX_LINES - 1))
        self.assert_found("ui/a.cpp", "\n" * check_tree.MAX_LINES, "at most 500")

    def test_machine_paths(self) -> None:
        for path in ("/home/ann/models", "/root/.cache", "/Users/ann"):
            with self.subTest(path=path):
                self.assert_found("tests/core/a.cpp", f'const char* p = "{path}";\n', "one machine")

    def test_paths_that_merely_end_so(self) -> None:
        self.assert_clean("core/io/a.cpp", "// tree/root/node, ${prefix}/home/x and a~/root/b\n")

    def test_unfinished(self) -> None:
        self.assert_found("core/io/a.cpp", "// " + "TODO" + ": later\n", "says")

    def test_build_folders_are_not_looked_at(self) -> None:
        self.assertEqual(self.found("build-asan/ui/a.cpp", "#include <torch/torch.h>\n"), [])


class Build(unittest.TestCase):
    ROOT = pathlib.PurePath("/src")

    def test_linked_qt(self) -> None:
        line = " 0x0000000000000001 (NEEDED)             Shared library: [{}]\n"
        names = ("libc10.so", "libQt6Core.so.6", "libQCustomPlotQt6.so.2.1", "libstdc++.so.6")
        output = "".join(map(line.format, names))
        self.assertEqual(check_build.linked_qt(output), ["libQt6Core.so.6", "libQCustomPlotQt6.so.2.1"])

    def found(self, file: str, command: str) -> list[str]:
        return check_build.command_violations([{"file": file, "command": command}], self.ROOT)

    def test_commands(self) -> None:
        torch, qt = "c++ -isystem /v/torch/include", "c++ -isystem /usr/include/x86_64-linux-gnu/qt6/QtCore"
        self.assertTrue(self.found("/src/ui/a.cpp", torch))
        self.assertTrue(self.found("/src/app/cli/a.cpp", qt))
        self.assertTrue(self.found("/src/app/cli/a.cpp", torch))
        self.assertTrue(self.found("/src/core/io/a.cpp", qt))
        self.assertTrue(self.found("/src/kernels/a.cpp", torch))
        self.assertEqual(self.found("/src/ui/a.cpp", qt), [])
        self.assertEqual(self.found("/src/core/model/a.cpp", torch), [])
        self.assertEqual(self.found("/elsewhere/ui/a.cpp", torch), [])


if __name__ == "__main__":
    unittest.main()
