// SPDX-License-Identifier: GPL-3.0-or-later
// tst_ui TEST [QtTest's options]: runs one class of tests.
#include "tests/ui/ui_test.h"

#include <QApplication>

#include <cstdio>
#include <memory>

namespace eigenquant::test {

std::map<std::string, UiTest>& uiTests()
{
    static std::map<std::string, UiTest> tests;
    return tests;
}

} // namespace eigenquant::test

int main(int argc, char** argv)
{
    const auto& tests = eigenquant::test::uiTests();
    const auto chosen = tests.find(argc > 1 ? argv[1] : "");
    if (chosen == tests.end()) {
        std::fputs("the first argument names one of these:\n", stderr);
        for (const auto& [name, test] : tests)
            std::fprintf(stderr, "  %s\n", name.c_str());
        return 2;
    }
    argv[1] = argv[0];
    ++argv;
    --argc;
    // As QTEST_MAIN does.
    QCoreApplication::setAttribute(Qt::AA_Use96Dpi);
    const auto app = chosen->second.hasWindows ? std::make_unique<QApplication>(argc, argv)
                                               : std::make_unique<QCoreApplication>(argc, argv);
    return chosen->second.run(argc, argv);
}
