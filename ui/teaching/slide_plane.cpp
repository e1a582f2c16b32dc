// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/teaching/slides.h"

#include "ui/plots/plane_plot.h"
#include "ui/plots/series.h"
#include "ui/text/format.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QTimer>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace eigenquant {

namespace {

constexpr int kTokens = 512;
constexpr int kCandidates = 32; // the pair to begin with is looked for among so many of the strongest channels
constexpr int kTickMs = 33;
constexpr std::int64_t kReadUnasked =
    1'000'000'000; // parameters; a larger model is read when the button is pressed

using Points = std::vector<std::pair<double, double>>;

/// A tilted, long cloud, the same always: points of a sunflower, stretched and turned.
Points madeUpCloud()
{
    Points points;
    for (int i = 0; i < kTokens; ++i) {
        const double radius = std::sqrt(-2 * std::log((i + 0.5) / kTokens));
        const double angle = i * 2.399963;
        const double along = 2.2 * radius * std::cos(angle), across = 0.5 * radius * std::sin(angle);
        const double tilt = 0.6;
        points.emplace_back(along * std::cos(tilt) - across * std::sin(tilt),
                            along * std::sin(tilt) + across * std::cos(tilt));
    }
    return points;
}

Points pairOf(const ActivationSample& sample, int first, int second)
{
    Points points;
    for (int token = 0; token < sample.tokens(); ++token)
        points.emplace_back(sample.at(token, first), sample.at(token, second));
    return points;
}

/// By how much of the pair's energy the best axis holds more than the better channel.
double gain(const PlaneMoment& moment)
{
    const double whole = moment.first + moment.second;
    if (!(whole > 0))
        return 0;
    return (moment.along(moment.principalAngle()) - std::max(moment.first, moment.second)) / whole;
}

/// Among the strongest channels the pair that a turn does most for.
std::pair<int, int> mostTurnable(const ActivationSample& sample)
{
    std::vector<double> energy(std::size_t(sample.channels), 0.0);
    for (int token = 0; token < sample.tokens(); ++token)
        for (int channel = 0; channel < sample.channels; ++channel)
            energy[std::size_t(channel)] += std::pow(double(sample.at(token, channel)), 2);
    const std::vector<int> strong = series::topIndices(energy, kCandidates);
    std::pair<int, int> best{0, std::min(1, sample.channels - 1)};
    double most = -1;
    for (std::size_t i = 0; i < strong.size(); ++i)
        for (std::size_t j = i + 1; j < strong.size(); ++j)
            if (const double g = gain(PlaneMoment::of(pairOf(sample, strong[i], strong[j]))); g > most) {
                most = g;
                best = {strong[i], strong[j]};
            }
    return best;
}

} // namespace

PlaneSlide::PlaneSlide(Workspace& workspace, QWidget* parent)
    : Slide(QStringLiteral("plane"), new PlanePlot, parent), m_workspace(workspace)
{
    m_plot = static_cast<PlanePlot*>(&figure());
    auto* turnRow = addControls();
    m_angle =
        addSlider(*turnRow, tr("Angle"), -90, 90, 0, [](int value) { return QStringLiteral("%1°").arg(value); });
    m_play = new QPushButton(tr("Turn"));
    m_play->setToolTip(tr("Turns the axes slowly, until it is pressed again"));
    m_play->setCheckable(true);
    auto* principal = new QPushButton(tr("Principal axes"));
    principal->setToolTip(tr("Turns to the eigenvectors of the second moment"));
    turnRow->addWidget(m_play);
    turnRow->addWidget(principal);
    auto* pairRow = addControls();
    for (QSpinBox** box : {&m_first, &m_second}) {
        *box = new QSpinBox;
        (*box)->setFocusPolicy(Qt::ClickFocus);
        connect(*box, &QSpinBox::valueChanged, this, &PlaneSlide::showPair);
    }
    m_first->setAccessibleName(tr("First channel"));
    m_second->setAccessibleName(tr("Second channel"));
    pairRow->addWidget(new QLabel(tr("Channels")));
    pairRow->addWidget(m_first);
    pairRow->addWidget(m_second);
    pairRow->addStretch(1);
    m_read = new QPushButton(tr("Read tokens of the model"));
    m_read->setToolTip(tr("Runs %1 tokens of the text through the model up to this site").arg(kTokens));
    pairRow->addWidget(m_read);
    for (QPushButton* button : {m_play, principal, m_read})
        button->setFocusPolicy(Qt::TabFocus);
    m_clock = new QTimer(this);
    m_clock->setInterval(kTickMs);
    connect(m_clock, &QTimer::timeout, this,
            [this] { m_angle->setValue(m_angle->value() < 90 ? m_angle->value() + 1 : -90); });
    connect(m_play, &QPushButton::toggled, this, [this](bool on) { on ? m_clock->start() : m_clock->stop(); });
    connect(principal, &QPushButton::clicked, this, [this] {
        m_play->setChecked(false);
        m_angle->setValue(int(std::lround(m_plot->moment().principalAngle() * 180 / std::numbers::pi)));
    });
    connect(m_read, &QPushButton::clicked, this, &PlaneSlide::readTokens);
    connect(m_angle, &QSlider::valueChanged, this, &PlaneSlide::turn);
    const auto forget = [this] { takeSample(nullptr); };
    connect(&workspace, &Workspace::modelChanged, this, forget);
    connect(&workspace, &Workspace::textsChanged, this, forget);
    connect(&workspace.selection(), &Selection::siteChanged, this, [this, forget] {
        forget();
        if (isVisible())
            shown();
    });
    takeSample(nullptr);
}

bool PlaneSlide::canRead() const
{
    return m_workspace.session() && !m_workspace.calibrationText().isEmpty() &&
           m_workspace.selection().layer() < m_workspace.session()->info().layers;
}

void PlaneSlide::shown()
{
    m_read->setEnabled(canRead());
    if (!m_sample && canRead() && m_workspace.session()->info().parameters <= kReadUnasked)
        readTokens();
}

void PlaneSlide::readTokens()
{
    if (!canRead())
        return;
    TextOptions text;
    text.file = m_workspace.calibrationText().toStdU16String();
    const int longest = m_workspace.session()->info().contextLength;
    text.context = longest > 0 ? std::min(kTokens, longest) : kTokens;
    text.windows = 1;
    const SiteId site = m_workspace.selection().site();
    const QPointer<PlaneSlide> self(this);
    m_workspace.jobs().submit(
        JobLane::Model, QStringLiteral("lesson-tokens"), tr("Read tokens at %1").arg(text::siteLabel(site)),
        [session = m_workspace.session(), site, text](const RunContext& context) {
            return session->sampleActivations(site, text, 0, context);
        },
        [self](JobOutcome<ActivationSample> outcome) {
            if (!self || outcome.cancelled)
                return;
            self->m_failure = outcome.error;
            self->takeSample(outcome.value ? std::make_shared<const ActivationSample>(std::move(*outcome.value))
                                           : nullptr);
        });
}

void PlaneSlide::takeSample(std::shared_ptr<const ActivationSample> sample)
{
    m_sample = sample && sample->channels > 1 && sample->tokens() > 0 ? std::move(sample) : nullptr;
    const QSignalBlocker firstBlocker(m_first), secondBlocker(m_second);
    for (QSpinBox* box : {m_first, m_second}) {
        box->setRange(0, m_sample ? m_sample->channels - 1 : 1);
        box->setEnabled(m_sample != nullptr);
    }
    const auto [first, second] = m_sample ? mostTurnable(*m_sample) : std::pair{0, 1};
    m_first->setValue(first);
    m_second->setValue(second);
    showPair();
}

void PlaneSlide::showPair()
{
    m_read->setEnabled(canRead());
    if (m_sample)
        m_plot->setPoints(pairOf(*m_sample, m_first->value(), m_second->value()),
                          tr("channel %1").arg(m_first->value()), tr("channel %1").arg(m_second->value()));
    else
        m_plot->setPoints(madeUpCloud(), tr("channel A"), tr("channel B"));
    m_plot->setTitle(m_sample ? text::siteLabel(m_sample->site) : tr("Made-up tokens"));
    turn();
}

double PlaneSlide::radians() const
{
    return m_angle->value() * std::numbers::pi / 180;
}

void PlaneSlide::turn()
{
    m_plot->setAngle(radians());
    show();
}

void PlaneSlide::show()
{
    const PlaneMoment& moment = m_plot->moment();
    const double first = moment.along(radians());
    const double second = moment.along(radians() + std::numbers::pi / 2);
    SlideContent content{tr("A rotation gathers energy: two channels"), {}, {}};
    content
        .say(tr("Each token has a number in either channel. Turned axes give it two other numbers, and the sum of "
                "their squares stays what it was:"))
        .formula(QStringLiteral("(u_1 , \\, u_2) = (x_1 , \\, x_2) \\, R , \\quad R^\\top R = I"))
        .formula(QStringLiteral("u_1^2 + u_2^2 = x_1^2 + x_2^2"))
        .say(tr("So energy can only be moved from one axis to the other. The axis that holds most is an "
                "eigenvector of "
                "the second moment M, its energy the eigenvalue; there the two numbers are no longer correlated:"))
        .formula(QStringLiteral(
            "M = \\frac{1}{n} X^\\top X , \\quad R^\\top M R = \\text{diag}(\\lambda_1 , \\, \\lambda_2)"))
        .fact(tr("Energy in axis 1"), text::number(first))
        .fact(tr("Energy in axis 2"), text::number(second))
        .fact(tr("Sum"), text::number(moment.first + moment.second))
        .fact(tr("E[u₁u₂]"), text::number(moment.crossing(radians())));
    if (m_sample)
        content.sources =
            tr("%1 tokens of %2. To begin with: of the %3 strongest channels the pair that a turn does most "
               "for. M is not centred: the energy counts from 0.")
                .arg(m_sample->tokens())
                .arg(m_workspace.calibrationText().section(QLatin1Char('/'), -1))
                .arg(std::min(kCandidates, m_sample->channels));
    else if (!m_failure.isEmpty())
        content.sources = tr("Made-up tokens: the model's could not be read. %1").arg(m_failure);
    else
        content.sources = tr("Made-up tokens. Open the model and a text to see real ones.");
    setContent(content);
}

} // namespace eigenquant
