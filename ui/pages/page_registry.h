// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

#include <functional>
#include <vector>

namespace eigenquant {

/// One entry of the window's navigation.
struct PageEntry {
    QString id;      ///< file name of its screenshot and of its icon
    QString title;
    QString toolTip;
    std::function<QWidget*(PageContext)> make;
};

/// All pages in the order of the navigation. A new page is one class and one line here.
std::vector<PageEntry> pageRegistry();

} // namespace eigenquant
