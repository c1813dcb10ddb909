"""Small files in the shapes that courts and collectors have, made up for the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CRAWL = """\
ID\turl\tnum_bids\tstatus\twin_bid\teval_price\tn_watch\tn_resigter\ttitle\tdate\ttime\tyear
1\tu\t12\tdone\t1,250,000\t1400000\t300\t4\t某处房产\t2016-03-05\t10:00:00\t2016
2\tu\t0\tfailure\t\tNaN\t20\t0\t某车\t2016-04-01\t10:00:00\t2016
3\tu\t0\ttodo\t\t900000\t5\t0\t某地\t2017-01-01\t10:00:00\t2017
"""
DAILY = """\
auctionId,titleRaw,addressRaw,priceWan,valuationWan,discountRate,startTime,endTime,status,signupCount,watchCount,court,isSold,soldPriceWan,bidderCount,normalizedUrl,source,capturedAt
a1,甲,某路1号,70,100,0.7,2024-05-01 10:00:00,2024-05-02 10:00:00,进行中,1,10,某院,false,,0,u,s,2024-05-01 12:00:00
a1,甲,某路1号,70,100,0.7,2024-05-01 10:00:00,2024-05-02 10:20:00,已结束,5,99,某院,true,88.5,5,u,s,2024-05-03 12:00:00
a2,乙,某路2号,56,80,0.7,2024-05-03 10:00:00,2024-05-04 10:00:00,已结束,0,9,某院,false,,0,u,s,2024-05-05 12:00:00
"""
CASES = """\
标的编号,案号,财产类型,参考价,一拍公告时间,一拍开拍时间,一拍结束时间,一拍起拍价,一拍成交价,一拍结果,二拍公告时间,二拍开拍时间,二拍结束时间,二拍起拍价,二拍成交价,二拍结果,变卖公告时间,变卖开拍时间,变卖结束时间,变卖起拍价,变卖成交价,变卖结果
甲,(2024)1号,房产,100万,2024-01-01,2024-02-01 10:00,2024-02-02 10:00,70万,,20,2024-02-10,2024-03-01 10:00,2024-03-02 10:00,56万,61.5万,10,,,,,,
乙,(2024)2号,车辆,"200,000",2024年1月5日,2024年2月1日 10:00,2024年2月2日 10:00,"140,000",,20,2024年2月10日,2024年3月1日 10:00,2024年3月2日 10:00,"112,000",,20,2024年3月10日,2024年4月1日 10:00,2024年5月31日 10:00,"112,000",,50
丙,(2024)3号,房产,１００万,2024-03-01,2024-04-01 10:00,2024-04-02 10:00,70万,,30,,,,,,,,,,,,
丁,(2024)4号,土地,-,2024-05-01,2024-06-01 10:00,,300万,,,,,,,,,,,,,,
"""
BIDS = """\
状态,竞买号,价格,时间
成交,A1,"1,030.00",2024年05月02日 10:03:10
出局,B2,"1,020.00",2024年05月02日 10:01:00
状态,竞买号,价格,时间
出局,A1,"1,010.00",2024年05月02日 09:58:00
出局,C3,"1,000.00",2024年05月01日 11:00:00
,,,
,,,
"""
EVENTS = """\
lot,date,event,appraisal,start,price,size
1,2017-03-27,failed,1000,1000,,small
1,2017-04-24,won,1000,800,850,small
1,2017-06-27,distributed,1000,800,,small
2,2017-09-08,won,500,500,520,small
2,2017-10-20,failed,500,500,,small
2,2017-11-26,won,500,400,,small
2,2017-12-26,paid,500,400,,small
3,2017-01-05,postponed,700,700,,small
3,2017-02-05,won,700,700,700,small
"""


def write(folder: Path, text: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def workbook(folder: Path, rows: list[list[Any]], name: str = "file.xlsx") -> Path:
    """A workbook with one page of these rows."""
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / name)
    return folder / name


def parquet(folder: Path, columns: dict[str, Any], name: str = "file.parquet") -> Path:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    write_table(pa.table(columns), folder / name)
    return folder / name
