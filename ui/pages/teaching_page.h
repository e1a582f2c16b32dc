// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

namespace eigenquant {

class LessonView;

/// The lesson on rotations and outliers, on the open model; it can take the whole screen.
class TeachingPage : public Page {
    Q_OBJECT

public:
    explicit TeachingPage(PageContext context);
    ~TeachingPage() override;

private:
    void present(bool on);

    QWidget* m_home = nullptr; ///< where the lesson is when it is not on the whole screen
    LessonView* m_lesson = nullptr;
};

} // namespace eigenquant
