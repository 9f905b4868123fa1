"""The words that planners write above their columns and into them, in a dozen European languages.

All stand in their plain form (see `plain`): lower case, without accents, one blank between words.
"""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile(r"[\W_]+")
_LETTERS = str.maketrans({"\u0142": "l", "\u0141": "L", "\u00f8": "o", "\u00d8": "O", "\u00e6": "ae", "\u00c6": "Ae"})
"""Letters that do not come apart into a plain one and its accent."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])")


def plain(text: str) -> str:
    """Return words without case, accents, marks and joints: `CostCenter_Code` and `cost-centre code` are near then."""
    spread = _CAMEL.sub(" ", text)
    whole = unicodedata.normalize("NFKD", spread.translate(_LETTERS))
    bare = "".join(sign for sign in whole if not unicodedata.combining(sign))
    return _MARKS.sub(" ", bare.casefold()).strip()


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(one.split()) for one in text.split(",") if one.strip())


FIELDS: dict[str, tuple[str, ...]] = {
    "scenario": _listed(
        "scenario, szenario, planszenario, planungsszenario, escenario, scenari, scenario name, plan type, plantype,"
        "budget type, planart, planungsart, type de plan, tipo de plan, plan scenario, category, data category, plan,"
        "budget, forecast, budget scenario, planning scenario, ledger, data type, datatype,"
        "cenario, scenariusz, skenaario, scenar"
    ),
    "version": _listed(
        "version, plan version, planversion, budget version, forecast version, iteration, revision, release, fassung,"
        "versie, versione, scenario version, planning version, planungsversion, plan revision,"
        "versao, wersja, versio, verze"
    ),
    "period_start": _listed(
        "period, period start, period start date, start of period, periodstart, month, month start, date, start date,"
        "period date, month date, calendar month, month year, year month, yearmonth, yyyymm, reporting month,"
        "reporting period, plan month, planning month, plan period, budget month, budget period, effective date,"
        "effective month, as of, as of date, time, time period, calmonth, cal month, fiscal period, posting period,"
        "fiscal month, accounting period, month ending, month end, period end, period ending, month end date,"
        "periode, zeitraum, monat, planmonat, planperiode, buchungsperiode, buchungsmonat, datum, stichtag,"
        "monatsbeginn, kalendermonat, jahr monat, berichtsmonat, mois, periode debut, date debut, debut de periode,"
        "date de debut, mois annee, mes, periodo, fecha, fecha inicio, fecha de inicio, inicio periodo, maand,"
        "ingangsdatum, mese, data, data inizio, wirksam ab, gultig ab, gueltig ab, month name, monatsname,"
        "month number, month no, month num, monatsnummer, mes numero, per,"
        "manad, maned, miesiac, okres, kuukausi, mesic, obdobi, dato, competencia, mes ano, prd, fiscal prd,"
        "fiscper, fiscal per"
    ),
    "year": _listed(
        "year, fiscal year, fy, calendar year, plan year, budget year, planning year, years, jahr, geschaftsjahr,"
        "geschaeftsjahr, gj, kalenderjahr, planjahr, annee, exercice, annee fiscale, exercice fiscal, ano, anio,"
        "ejercicio, ano fiscal, jaar, boekjaar, kalenderjaar, anno, esercizio, financial year, finyear,"
        "yr, fiscal yr, fin year, fin yr, ar, rok, rok obrotowy, vuosi, exercicio, rakenskapsar, regnskapsar"
    ),
    "org_unit": _listed(
        "org unit, orgunit, organisation unit, organization unit, organisational unit, organizational unit,"
        "organisation, organization, org, department, dept, dep, unit, business unit, bu, organizational entity,"
        "abteilung, abt, organisationseinheit, orgeinheit, org einheit, oe, fachbereich, departement, dept service,"
        "unite organisationnelle, unite, service, departamento, depto, dpto, unidad organizativa, unidad, afdeling,"
        "afd, organisatie eenheid, organisatieeenheid, organisatie onderdeel, organisatieonderdeel, eenheid, reparto,"
        "dipartimento, unita organizzativa, ufficio, home department, sub section, subsection,"
        "avdelning, avdeling, enhet, organisationsenhet, organisasjonsenhet, dzial, jednostka,"
        "jednostka organizacyjna, osasto, yksikko, oddeleni, utvar, unidade, unidade organizacional, orgeh"
    ),
    "org_unit?": _listed(
        "team, division, section, entity, area, directorate, region, company, branch, group, function, cost unit,"
        "segment, line of business, lob, bereich, geschaftsbereich, geschaeftsbereich, ressort, referat, amt, einheit,"
        "gesellschaft, sparte, direction, pole, entite, etablissement, secteur, division operativa, direccion,"
        "seccion, gerencia, sociedad, empresa, divisie, sectie, bedrijf, directie, divisione, direzione, settore,"
        "societa, funzione, sector, school, agency, bureau, office code, legal entity, entidad, equipo, equipe,"
        "squadra, setor, diretoria, zespol, pion, level name"
    ),
    "cost_center": _listed(
        "cost center, cost centre, costcenter, costcentre, cc, cctr, cost ctr, costctr, kostenstelle, kst, kostst,"
        "centre de cout, centre de couts, centre cout, centre couts, centro de coste, centro de costes,"
        "centro de costo, centro de costos, centro coste, centro costo, ceco, kostenplaats, kpl, kostendrager,"
        "centro di costo, cdc,"
        "kostnadsstalle, kostnadssted, koststed, omkostningssted, mpk, centrum kosztow, kustannuspaikka,"
        "nakladove stredisko, centro de custo, centro de custos, centro custo, kostl"
    ),
    "location": _listed(
        "location, loc, site, office, plant, work location, worksite, place, work place, workplace, campus, facility,"
        "building, standort, werk, arbeitsort, ort, niederlassung, dienstort, betriebsstatte, betriebsstaette, filiale,"
        "lieu, lieu de travail, implantation, site de travail, ubicacion, sede, centro de trabajo, localidad,"
        "lugar, lugar de trabajo, locatie, vestiging, standplaats, plaats, werklocatie, luogo, sito, stabilimento,"
        "sede di lavoro,"
        "arbetsplats, kontor, lokation, lokalizacja, lokacja, toimipiste, pracoviste, lokalita, local,"
        "local de trabalho, localizacao, filial"
    ),
    "location?": _listed("city, country, store, ville, stadt, ciudad, stad, land, pays, pais, centro, citta, state"),
    "job": _listed(
        "job, job code, jobcode, job role, job profile, role, profession, occupation, job title, position title,"
        "post title, title, tatigkeit, taetigkeit, beruf, job bezeichnung, berufsbezeichnung, funktion, rolle,"
        "stellenbezeichnung, tatigkeitsschlussel, metier, emploi, fonction, poste, intitule de poste,"
        "intitule du poste, puesto, cargo, puesto de trabajo, ocupacion, rol, funcion, functie, beroep, baan, mansione,"
        "ruolo, figura professionale,"
        "befattning, yrke, roll, tjanst, stilling, stanowisko, tehtava, nimike, tehtavanimike, pozice,"
        "pracovni pozice, funcao, ocupacao"
    ),
    "job?": _listed(
        "job family, position family, job group, job class, classification, class, job function, job category,"
        "staff group"
    ),
    "position": _listed(
        "position, pos, post, post reference, post ref, post unique reference, post number, planstelle, planstellen,"
        "stelle, requisition, req, posicion, plaza, formatieplaats, posizione, seat"
    ),
    "grade": _listed(
        "grade, pay grade, paygrade, level, band, salary band, pay band, job grade, job level, salary grade, payband,"
        "career level, pay level, pay scale, entgeltgruppe, eg, besoldungsgruppe, lohngruppe, gehaltsgruppe,"
        "tarifgruppe, stufe, karrierestufe, niveau, classe, echelon, coefficient, grado, nivel, categoria,"
        "grupo salarial, schaal, salarisschaal, livello, inquadramento, seniority"
    ),
    "employment_type": _listed(
        "employment type, employee type, contract, contract type, emp type, worker type, employment status, emp class,"
        "employee class, worker class, work type, employee category, ft pt, full part time, full time part time,"
        "vertragsart, beschaftigungsart, beschaeftigungsart, anstellungsart, beschaftigungsverhaltnis,"
        "beschaeftigungsverhaeltnis, mitarbeiterkreis, mitarbeitergruppe, arbeitsverhaltnis, type de contrat,"
        "type contrat, contrat, statut, nature du contrat, tipo de contrato, tipo contrato, contrato, contracttype,"
        "soort contract, contractsoort, dienstverband, contratto, tipo contratto, tipo di contratto,"
        "anstallningsform, ansettelsesform, rodzaj umowy, typ umowy, tyosuhde, vinculo"
    ),
    "headcount": _listed(
        "headcount, headcounts, head count, heads, head, hc, hdct, hcount, employees, employee count, staff, staffing,"
        "staff count, persons, people, personnel, workforce, positions, posts, filled positions, kopfzahl, kopfe,"
        "koepfe, mitarbeiter, mitarbeiterzahl, mitarbeitende, beschaftigte, beschaeftigte, personen, personalbestand,"
        "personalstand, ma, effectif, effectifs, tetes, personnes, nombre de personnes, collaborateurs, plantilla,"
        "personas, empleados, dotacion, dotacion de personal, trabajadores, cabezas, efectivos, medewerkers, personeel,"
        "hoofden, koppen, personeelsbezetting, bezetting, formatie, werknemers, dipendenti, organico, teste, addetti,"
        "persone, number employees, count, staff numbers, bodies, employees count,"
        "headcnt, hdcnt, anstallda, ansatte, medarbejdere, pracownicy, zatrudnienie, osoby, henkilosto,"
        "henkilomaara, henkilostomaara, zamestnanci, zamestnancu, pracownikow, osob, quadro, quadro de pessoal,"
        "funcionarios, colaboradores, efetivo, efetivos"
    ),
    "fte": _listed(
        "fte, ftes, f t e, full time equivalent, full time equivalents, fulltime equivalent, fulltime equivalents,"
        "full time equiv, wte, whole time equivalent, whole time equivalents, eft, vza, vzae, vollzeitaquivalent,"
        "vollzeitaquivalente, vollzeitaequivalent, vollzeitaequivalente, vollzeitkrafte, vollzeitkraefte,"
        "vollzeitstellen, vzk, vollkrafte, vollkraefte, vollkraft, mak, mitarbeiterkapazitat, mitarbeiterkapazitaet,"
        "kapazitat, etp, etps, eqtp, etpt, equivalent temps plein, equivalents temps plein, ejc, etc,"
        "equivalente jornada completa, equivalentes jornada completa, equivalente a jornada completa,"
        "equivalente tiempo completo, equivalente a tiempo completo, vte, voltijdsequivalent, voltijds equivalent,"
        "voltijdequivalent, fulltime equivalenten, ula, equivalente tempo pieno,"
        "heltidstjanster, heltidsekvivalenter, arsarbetare, arsverk, arsvaerk, etaty, etat, epc, htv,"
        "henkilotyovuodet, uvazky, uvazek, eti"
    ),
    "hours": _listed(
        "hours, hour, hrs, work hours, working hours, paid hours, hours worked, man hours, labor hours,"
        "labour hours, stunden, std, arbeitsstunden, heures, horas, horas de trabajo, uren, arbeidsuren, ore,"
        "timmar, timer, godziny, tunnit, hodiny"
    ),
    "cost": _listed(
        "cost, costs, total cost, salary, salaries, salary cost, salary costs, payroll, payroll cost, payroll costs,"
        "personnel cost, personnel costs, personnel expense, personnel expenses, staff cost, staff costs, labor cost,"
        "labour cost, labor costs, labour costs, people cost, people costs, compensation, comp, wages, pay, amount,"
        "expense, expenses, spend, kosten, personalkosten, gehalt, gehalter, gehaelter, gehaltskosten, lohn, lohne,"
        "lohnkosten, betrag, aufwand, personalaufwand, cout, couts, masse salariale, salaire, cout salarial,"
        "frais de personnel, charges de personnel, cout total, montant, coste, costes, costo, costos, coste salarial,"
        "salario, importe, nomina, masa salarial, gasto, gasto de personal, coste de personal, loonkosten,"
        "personeelskosten, salaris, bedrag, costo del lavoro, costo del personale, stipendio, stipendi, importo,"
        "kostnad, kostnader, lonekostnad, lonnskostnad, koszt, koszty, wynagrodzenie, wynagrodzenia, kustannukset,"
        "palkat, naklady, mzdy, custo, custos, custo total, custo de pessoal"
    ),
    "currency": _listed(
        "currency, ccy, curr, cur, currency code, wahrung, waehrung, wahrungskennzeichen, devise, monnaie, moneda,"
        "divisa, valuta, munt, munteenheid,"
        "valuutta, moeda, waluta, mena"
    ),
}
"""What a column may be called; a name with a question mark holds weaker ones, which win only where nothing else is."""

VALUES = _listed(
    "value, values, amount, quantity, qty, units, number, figure, figures, data, plan value, budgeted unit,"
    "budgeted units, wert, werte, menge, anzahl, betrag, planwert, plan, budget, forecast, valeur, valeurs, quantite,"
    "montant, nombre, valor, valores, cantidad, importe, numero, waarde, waarden, aantal, hoeveelheid, bedrag, valore,"
    "quantita, importo, measure value, metric value,"
    "signed data, varde, belopp, antal, antall, belop, wartosc, kwota, liczba, ilosc, arvo, maara, hodnota,"
    "pocet, quantidade, qtd, qtde"
)
"""What a column may be called whose meaning another column says."""

MEASURE_COLUMNS = _listed(
    "account, account name, measure, measures, measure name, metric, kpi, line item, data type, unit of measure, uom,"
    "unit, indicator, statistic, stat account, konto, kennzahl, messgrosse, einheit, masseinheit, compte, indicateur,"
    "unite, mesure, cuenta, indicador, unidad, medida, rekening, eenheid, kengetal, conto, indicatore, misura, type,"
    "matt, wskaznik, miara, conta, metrica, mittari, ucet, line item name"
)
"""What a column may be called that says which measure a row holds."""

PERSONS = _listed(
    "name, employee, employee name, employee id, employee no, employee number, person, person id, worker, worker id,"
    "staff id, first name, last name, surname, personalnummer, pers nr, persnr, mitarbeitername, nom, prenom,"
    "matricule, nombre empleado, naam, personeelsnummer, cognome, matricola, manager, supervisor, owner, created by,"
    "updated by,"
    "emp id, emp no, employee code, pernr, worker name, incumbent, personnel number, anstallningsnummer,"
    "numer pracownika, matricula"
)
"""What a column is called that names people; it is never needed."""

REMARKS = _listed(
    "comment, comments, note, notes, remark, remarks, description, explanation, justification, bemerkung, bemerkungen,"
    "kommentar, kommentare, anmerkung, anmerkungen, notiz, hinweis, remarque, remarques, commentaire, commentaires,"
    "observaciones, observacion, comentario, comentarios, nota, notas, opmerking, opmerkingen, toelichting, notitie,"
    "commento, commenti, osservazioni, data load cube name, loaded at, load date, timestamp, created, created at,"
    "updated, updated at, point of view, pov, modified, last modified, last updated, etl date, batch id, row, row id,"
    "row number, line, line no, id, uuid, key, index, nr, no, lfd nr, lfd, source, source file, quarter, quartal,"
    "trimestre, kwartaal,"
    "uwagi, komentarz, huomautus, poznamka, observacao, observacoes, anmarkning, load ts, loaded, etl ts"
)
"""What a column may be called that is never needed."""

CODES = _listed(
    "code, id, key, no, nr, num, nummer, kurzel, kuerzel, schlussel, schluessel, cod, codigo, clave, ref, cd,"
    "kod, koodi, numer, reference"
)
NAMES = _listed(
    "name, description, desc, descr, title, label, text, bezeichnung, beschreibung, nom, libelle, intitule, nombre,"
    "descripcion, naam, omschrijving, nome, descrizione, long name, short name, display name,"
    "namn, navn, nazwa, nimi, nazev, descricao, opis, text"
)
"""What follows a dimension's word where its code, or its name, is meant."""

COUNTED = _listed(
    "number of, no of, nr of, count of, num of, anzahl der, anzahl, nombre de, nombre d, numero de, aantal, numero di,"
    "total number of, sum of, somme de, suma de, summe, average, avg, mean,"
    "antal, antall, liczba, pocet, quantidade de, qtd de, qtd, qtde"
)
"""What may stand before a measure and says nothing of its kind."""

QUALIFIERS = _listed(
    "planned, plan, budget, budgeted, forecast, forecasted, projected, proposed, approved, authorized, authorised,"
    "target, total, avg, average, mean, month end, eom, eop, end, geplant, geplante, plan soll, soll, gesamt, prevu,"
    "prevue, prevus, moyen, planificado, planificada, presupuestado, previsto, prevista, medio, gepland, gepland,"
    "begroot, gemiddeld, totaal, pianificato, monthly, required, requested, establishment, funded, in, of,"
    "amt, cnt, qty, allocated, planerad, planlagt, planowany, planowane, planejado, orcado"
)
"""What may stand before or behind a measure and leaves it what it is."""

OTHER_POINTS = _listed(
    "opening, closing, beginning, ending, start, starting, actual, actuals, current, existing, vacant, vacancies,"
    "vacancy, open, new, hires, leavers, attrition, variance, var, delta, difference, prior year, last year, py, ly,"
    "previous, ist, vorjahr, abweichung, reel, realise, ecart, real, actual year, desviacion, huidig, werkelijk,"
    "verschil, effettivo, consuntivo, max, min, maximum, minimum, cumulative, ytd, male, female"
)
"""What makes another figure of a measure: its closing stand, the actual one, a difference."""

PLANNED = _listed(
    "budget, bud, budgeted, bgt, plan, planned, forecast, forecasted, fcst, fc, projection, projected, outlook, le,"
    "latest estimate, reforecast, rolling forecast, target, proposed, adopted, approved, requested, adopted budget,"
    "approved budget, proposed budget, revised budget, original budget, soll, planung, ziel, hochrechnung, prognose,"
    "prevision, previsions, presupuesto, pronostico, plano, orcamento, begroting, previsione, annual plan, aop,"
    "stretch, strategic plan, best case, worst case, base case, base, optimistic, pessimistic, upside, downside,"
    "orcado, planejado, budzet, budsjett, budjetti, ennuste, rozpocet"
)
ACTUAL = _listed(
    "actual, actuals, act, ist, reel, realise, real, reales, realizado, realisatie, werkelijk, consuntivo, effettivo,"
    "prior year actual, istwerte, history, historical,"
    "utfall, faktisk, toteuma, wykonanie, skutecnost"
)
"""What a scenario is called, planned and actual."""

SUMS = re.compile(
    r"(grand |overall |sub ?|year |annual |running |net )?totals?( year| \d{4})?|\d{4} total|sum|sums|"
    r"(gesamt|jahres|zwischen|end)?summe|gesamt|insgesamt|gesamtergebnis|somme|total general|total generale|"
    r"sous total|suma|razem|ogolem|totalt|summa|yhteensa|celkem|total geral|total anual|"
    r"totaal|eindtotaal|subtotaal|totale|totale generale|totale complessivo"
)
"""What a row of totals is called; for plain texts."""

WHOLES = frozenset(
    _listed(
        "total, totals, all, alle, overall, company, group, corporate, consolidated, gesamt, konzern, summe, tous,"
        "toutes, ensemble, groupe, todos, todas, totale, tutti, totaal, totalt, samtliga, razem, wszystkie, enterprise,"
        "top, root"
    )
)
"""What is in the name of a row that is all others together, if its figures say so too."""

SUMMARIES = re.compile(
    r"ytd|full year|annual|average|avg|mean|durchschnitt|mittelwert|moyenne|promedio|media|gemiddelde|gemiddeld|mtd|"
    r"qtd|all periods|beg ?balance|year ?total|(q|h|t|quarter|quartal) ?[1-4]( (fy ?)?(\d{2}|\d{4}))?|"
    r"((fy ?)?(\d{2}|\d{4}) )(q|h) ?[1-4]|[1-4]q( ?\d{2,4})?|.* (ytd|total|avg|average)|(total|sum|summe|gesamt) .*"
)
"""What else a column beside months is called that is made of them."""

WHOLE_YEARS = re.compile(r"(fy ?)?(\d{2}|\d{4})|year|fy|jahr|annee|ano|jaar")
"""And a column of a year."""

FULL_YEARS = re.compile(r"(fy ?)?(19|20)\d\d|fy ?\d\d")
"""And a row of one, where others are months."""

AWAY = _listed(
    "cancelled, canceled, closed, inactive, deleted, frozen, rejected, withdrawn, abolished, storniert, geschlossen,"
    "inaktiv, gesperrt, geloscht, abgelehnt, annule, ferme, inactif, cancelado, cerrado, inactivo, vervallen, annullato"
)
"""What a status says of a row that is planned no more."""

TYPES = frozenset(
    _listed(
        "full time, part time, fulltime, parttime, permanent, perm, temporary, temp, regular, contractor, contractors,"
        "contingent, fixed term, casual, seasonal, intern, interns, apprentices, vollzeit, teilzeit, befristet,"
        "unbefristet, cdi, cdd, temps plein, temps partiel, interim, indefinido, temporal, vast, flex, inhuur, voltijd"
    )
)
"""What a kind of employment is called."""

MISSING = (
    *("#Missing", "#MISSING", "#missing", "#N/A", "#NA", "#NV", "#VALUE!", "n/a", "N/A", "n.a.", "N.A.", "na", "NA"),
    *(
        "n.v.",
        "n.d.",
        "N.D.",
        "s.o.",
        "k.A.",
        "k. A.",
        "nvt",
        "n.v.t.",
        "-",
        "--",
        "---",
        "\u2013",
        "\u2014",
        ".",
        "..",
    ),
    *("NULL", "null", "Null", "None", "none", "nan", "NaN", "NAN", "nil", "(blank)", "(leer)", "(null)", "?", "\\N"),
    *("<NA>", "#Mi", "#NumericZero", "empty", "tbd", "TBD", "tbc", "TBC", "x", "X"),
)
"""What stands where nothing stands."""

CURRENCIES = {
    "\u20ac": "EUR",
    "\u00a3": "GBP",
    "\u00a5": "",
    "$": "",
    "\u20b9": "INR",
    "\u20a9": "KRW",
    "\u20ba": "TRY",
    "US$": "USD",
    "R$": "BRL",
    "C$": "CAD",
    "A$": "AUD",
    "z\u0142": "PLN",
    "K\u010d": "CZK",
} | {
    code: code
    for code in [
        "EUR",
        "USD",
        "GBP",
        "CHF",
        "CAD",
        "AUD",
        "NZD",
        "SEK",
        "NOK",
        "DKK",
        "PLN",
        "CZK",
        "HUF",
        "RON",
        "BGN",
        "JPY",
        "CNY",
        "INR",
        "BRL",
        "MXN",
        "ZAR",
        "SGD",
        "HKD",
        "KRW",
        "TRY",
        "ILS",
        "AED",
    ]
}
"""Signs and codes of currencies; an empty one is the sign of several."""

SIGNS = sorted((sign for sign in CURRENCIES if not (sign.isascii() and sign.isalpha())), key=len, reverse=True)
"""The signs, those first that hold others."""

THOUSANDS = re.compile(
    r"\b(k|t|m|mio|mln|thousand|thousands|000s?|tsd|tausend|millions?|milliers|miles)\b|'?000s?\b", re.IGNORECASE
)
"""What says that numbers are thousands or millions."""
