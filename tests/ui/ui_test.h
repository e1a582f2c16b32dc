// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTest>

#include <map>
#include <string>

/// The window's tests are classes of one program, which runs the one that it is told: each for itself would take
/// longer to compile and to link than most of them run.
namespace eigenquant::test {

struct UiTest {
    bool hasWindows = true; ///< it needs a QApplication, not only a QCoreApplication
    int (*run)(int argc, char** argv) = nullptr;
};

/// By the names of their files.
std::map<std::string, UiTest>& uiTests();

template <class Test>
bool addUiTest(const char* name, bool hasWindows)
{
    return uiTests()
        .emplace(name, UiTest{hasWindows, [](int argc, char** argv) {
                                  Test test;
                                  return QTest::qExec(&test, argc, argv);
                              }})
        .second;
}

} // namespace eigenquant::test

#define EIGENQUANT_UI_TEST(Name, Class) \
    [[maybe_unused]] static const bool isAdded##Class = eigenquant::test::addUiTest<Class>(#Name, true);
/// Without a QApplication.
#define EIGENQUANT_PLAIN_UI_TEST(Name, Class) \
    [[maybe_unused]] static const bool isAdded##Class = eigenquant::test::addUiTest<Class>(#Name, false);
