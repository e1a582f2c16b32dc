// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/teaching_page.h"

#include "ui/teaching/lesson_view.h"

#include <QVBoxLayout>

namespace eigenquant {

TeachingPage::TeachingPage(PageContext context) : Page(context)
{
    m_home = new QWidget(this);
    auto* layout = new QVBoxLayout(m_home);
    layout->setContentsMargins(0, 0, 0, 0);
    m_lesson = new LessonView(workspace());
    layout->addWidget(m_lesson);
    setContent(m_home);
    connect(m_lesson, &LessonView::presentingChanged, this, &TeachingPage::present);
}

TeachingPage::~TeachingPage()
{
    if (!m_lesson->parent())
        delete m_lesson;
}

void TeachingPage::present(bool on)
{
    if (on) {
        m_lesson->setParent(nullptr);
        m_lesson->showFullScreen();
    } else {
        m_home->layout()->addWidget(m_lesson);
        m_lesson->showNormal();
    }
    m_lesson->setFocus();
}

} // namespace eigenquant
