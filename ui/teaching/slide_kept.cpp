// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/teaching/slides.h"

#include "ui/teaching/published_results.h"
#include "ui/text/format.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>

#include <algorithm>
#include <cmath>

namespace eigenquant {

namespace {

constexpr int kContext = 512;

struct Choice {
    const char* name;
    QString title;
};

/// The choices in the order of the bars: what the dimensions are chosen by, and what a person reads.
std::vector<Choice> choices()
{
    return {{"plain", KeptSlide::tr("not turned, none kept")}, {"none", KeptSlide::tr("turned, none kept")},
            {"bottom", KeptSlide::tr("turned, bottom K")},     {"random", KeptSlide::tr("turned, random K")},
            {"top", KeptSlide::tr("turned, top K")},           {"top-bottom", KeptSlide::tr("turned, both ends")}};
}

QString titleOf(const QString& name)
{
    for (const Choice& choice : choices())
        if (name == QLatin1String(choice.name))
            return choice.title;
    return name;
}

ComparisonVariant variantOf(const char* name, int bits, int groupSize)
{
    const std::string word = name;
    PlanOptions options = PlanOptions::of(word == "plain" ? Method::Rtn : Method::Rosaq);
    options.bits = bits;
    options.groupSize = groupSize;
    if (word != "plain") {
        options.attnOut = SiteTreatment::Full;
        if (word == "none")
            options.salient = {0, false};
        else
            options.select = selectFromName(word);
    }
    return {word, options};
}

} // namespace

KeptSlide::KeptSlide(Workspace& workspace, QWidget* parent)
    : Slide(QStringLiteral("kept"), new KeptPlot, parent), m_workspace(workspace)
{
    m_plot = static_cast<KeptPlot*>(&figure());
    auto* row = addControls();
    const auto addBox = [&](const QString& caption, int least, int most, int value, const QString& toolTip) {
        auto* box = new QSpinBox;
        box->setRange(least, most);
        box->setValue(value);
        box->setAccessibleName(caption);
        box->setToolTip(toolTip);
        box->setFocusPolicy(Qt::ClickFocus);
        row->addWidget(new QLabel(caption));
        row->addWidget(box);
        return box;
    };
    m_bits = addBox(tr("Bits"), kMinBits, kMaxBits, 4, tr("What the other dimensions are rounded to"));
    m_windows =
        addBox(tr("Windows"), 1, 10000, 4, tr("Windows of %1 tokens of the check text to score").arg(kContext));
    m_measure = new QPushButton(tr("Measure on this model"));
    m_cancel = new QPushButton(tr("Cancel"));
    m_state = new QLabel;
    m_state->setWordWrap(true);
    for (QPushButton* button : {m_measure, m_cancel}) {
        button->setFocusPolicy(Qt::TabFocus);
        row->addWidget(button);
    }
    row->addStretch(1);
    addControls()->addWidget(m_state, 1);
    connect(m_measure, &QPushButton::clicked, this, &KeptSlide::measure);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        if (m_job)
            m_workspace.jobs().cancel(*m_job);
    });
    const auto forget = [this] {
        m_rows.clear();
        show();
    };
    connect(&workspace, &Workspace::modelChanged, this, forget);
    connect(&workspace, &Workspace::statisticsChanged, this, forget);
    connect(&workspace, &Workspace::textsChanged, this, &KeptSlide::show);
    show();
}

bool KeptSlide::canMeasure() const
{
    const auto& statistics = m_workspace.statistics();
    return m_workspace.session() && statistics && !statistics->normsOnly && m_workspace.statisticsMatchModel() &&
           !m_workspace.checkText().isEmpty() &&
           (statistics->hasMoments || !m_workspace.calibrationText().isEmpty());
}

void KeptSlide::measure()
{
    if (!canMeasure() || m_job)
        return;
    const auto& statistics = *m_workspace.statistics();
    auto folder = std::make_shared<QTemporaryDir>();
    CompareOptions options;
    options.text = {.file = m_workspace.checkText().toStdU16String(),
                    .context = std::min(kContext, std::max(8, m_workspace.session()->info().contextLength)),
                    .windows = m_windows->value()};
    options.klWindows = 1;
    options.out = folder->filePath(QStringLiteral("comparison")).toStdU16String();
    if (!statistics.hasMoments)
        options.calibration = TextOptions{.file = m_workspace.calibrationText().toStdU16String(),
                                          .context = statistics.context,
                                          .windows = statistics.windows};
    std::vector<ComparisonVariant> variants;
    for (const Choice& choice : choices())
        variants.push_back(variantOf(choice.name, m_bits->value(), statistics.groupSizes.front()));
    m_rows.clear();
    m_reference = std::nan("");
    m_origin = tr("Measured here: %1, %2 bits, groups of %3, K = d/32, %4 windows of %5 tokens of %6.")
                   .arg(text::fromStd(m_workspace.session()->info().name))
                   .arg(m_bits->value())
                   .arg(statistics.groupSizes.front())
                   .arg(m_windows->value())
                   .arg(options.text.context)
                   .arg(m_workspace.checkText().section(QLatin1Char('/'), -1));
    const QPointer<KeptSlide> self(this);
    m_job = m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("lesson-kept"), tr("Measure which dimensions to keep"),
        [session = m_workspace.session(), stats = std::filesystem::path(statistics.path), variants, options,
         folder, self, jobs = &m_workspace.jobs()](const RunContext& context) {
            // The runner outlives its jobs; the slide need not, and is only asked on its own thread.
            const ComparisonListener listen = [&](const ComparisonRow& row) {
                QMetaObject::invokeMethod(
                    jobs,
                    [self, row] {
                        if (self)
                            self->addRow(row);
                    },
                    Qt::QueuedConnection);
            };
            return session->compare(stats, variants, options, listen, context).rows.size();
        },
        [self](const JobOutcome<std::size_t>& outcome) {
            if (self)
                self->end(outcome.value ? QString() : outcome.error, outcome.cancelled);
        });
    show();
}

void KeptSlide::addRow(const ComparisonRow& row)
{
    if (!m_job && m_rows.empty())
        return; // of a measurement that was given up
    if (row.method == "float")
        m_reference = row.perplexity;
    else if (!row.control)
        m_rows.push_back({QString::fromStdString(row.name), row.perplexity, row.standardError,
                          row.effectiveBits - row.rotationBits});
    show();
}

void KeptSlide::end(const QString& message, bool cancelled)
{
    m_job.reset();
    if (cancelled || !message.isEmpty())
        m_rows.clear();
    show();
    if (!cancelled && !message.isEmpty())
        m_state->setText(tr("Not measured: %1").arg(message));
    emit measured(cancelled ? tr("stopped on request") : message);
}

void KeptSlide::show()
{
    std::vector<KeptRow> rows = m_rows;
    double reference = m_reference;
    QString origin = m_origin;
    if (rows.empty() && !m_job) {
        const PublishedResults published = publishedResults();
        rows = published.rows;
        reference = published.reference;
        origin = published.origin;
    }
    for (KeptRow& row : rows)
        row.name = titleOf(row.name);
    m_plot->setRows(rows, reference);
    m_measure->setEnabled(canMeasure() && !m_job);
    m_cancel->setVisible(m_job.has_value());
    m_state->setText(m_job          ? tr("Measuring: %1 of %2").arg(m_rows.size()).arg(choices().size())
                     : canMeasure() ? QString()
                                    : tr("Open a model, its statistics and a text to measure."));
    SlideContent content{tr("Which dimensions to keep in 16 bits"), {}, {}};
    content
        .say(tr("K of d dimensions may stay in 16 bits. Each choice of K costs the same storage, and rounds the "
                "rest alike. "
                "What differs is the energy of what is rounded:"))
        .formula(
            QStringLiteral("\\frac{1}{n} \\| X R \\, \\Delta W \\|^2 = \\sum_{j \\, \\text{rounded}} \\lambda_j "
                           "\\| \\Delta W_j \\|^2"))
        .say(tr("Keeping the top removes the largest λ from the sum. Keeping the bottom, or any at random, "
                "removes next "
                "to nothing, and all of the energy that the rotation gathered in a few dimensions meets rounded "
                "weights: "
                "that can be worse than no rotation at all."));
    content.sources =
        origin + QLatin1Char('\n') +
        tr("The experiment is ROSAQ's, arXiv 2506.13472: there, Llama-2-7B has 5.57 (top), 5.58 (top and "
           "bottom), 6.59 (random), 6.63 (bottom) and 5.73 without a rotation.");
    setContent(content);
}

} // namespace eigenquant
