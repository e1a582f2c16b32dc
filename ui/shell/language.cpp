// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/language.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

// Q_INIT_RESOURCE must be used outside of any namespace.
static void initTranslations()
{
    Q_INIT_RESOURCE(translations);
}

namespace eigenquant {

namespace {

QString& installed()
{
    static QString language = QStringLiteral("en");
    return language;
}

/// Texts of this program. The translation tools file a tr() that stands in a free function under the namespace it
/// is in, whatever context the call gives: what is not found under its own context is looked up there.
class OwnTexts : public QTranslator {
public:
    QString translate(const char* context, const char* source, const char* disambiguation, int n) const override
    {
        const QString text = QTranslator::translate(context, source, disambiguation, n);
        return text.isEmpty() ? QTranslator::translate("eigenquant", source, disambiguation, n) : text;
    }
};

/// Texts of our own, and Qt's, such as the buttons of dialogs. Both belong to the application.
struct Translators {
    OwnTexts own;
    QTranslator qt;
};

Translators& translators()
{
    static Translators both;
    return both;
}

} // namespace

void installLanguage(const QString& choice)
{
    initTranslations();
    Translators& texts = translators();
    QCoreApplication::removeTranslator(&texts.own);
    QCoreApplication::removeTranslator(&texts.qt);
    installed() = QStringLiteral("en");
    const QLocale locale = choice.isEmpty() ? QLocale::system() : QLocale(choice);
    if (locale.language() == QLocale::English ||
        !texts.own.load(locale, QStringLiteral("eigenquant-studio"), QStringLiteral("_"),
                        QStringLiteral(":/translations")))
        return;
    QCoreApplication::installTranslator(&texts.own);
    if (texts.qt.load(locale, QStringLiteral("qtbase"), QStringLiteral("_"),
                      QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(&texts.qt);
    installed() = locale.name().section(QLatin1Char('_'), 0, 0);
}

QString currentLanguage()
{
    return installed();
}

} // namespace eigenquant
