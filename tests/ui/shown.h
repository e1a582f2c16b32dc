// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace eigenquant::test {

/// The visible widget of a kind: each page has its own.
template <typename T>
T* shown(const QWidget& window)
{
    for (T* widget : window.findChildren<T*>())
        if (widget->isVisible())
            return widget;
    return nullptr;
}

} // namespace eigenquant::test
