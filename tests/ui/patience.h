// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QWidget>

namespace eigenquant::test {

/// How long a test waits for what has to come, in ms: on a machine that is busy with other things it comes late.
inline constexpr int kPatienceMs = 120000;

/// Lays the window out and draws it, plots included, without a clock: what a page queues when it is shown is done
/// afterwards. The plots are laid out in the first round, and drawn in the second.
inline void settle(QWidget& window)
{
    for (int round = 0; round < 3; ++round) {
        QCoreApplication::processEvents();
        window.grab();
    }
    QCoreApplication::processEvents();
}

} // namespace eigenquant::test

/// QTRY_VERIFY and QTRY_COMPARE with that patience.
#define AWAIT_VERIFY(condition) QTRY_VERIFY_WITH_TIMEOUT(condition, eigenquant::test::kPatienceMs)
#define AWAIT_COMPARE(actual, expected) QTRY_COMPARE_WITH_TIMEOUT(actual, expected, eigenquant::test::kPatienceMs)
