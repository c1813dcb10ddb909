@echo off
rem Installs and opens the application; no network is needed. Other commands may follow, as in: start.cmd run shanxi
setlocal
chcp 65001 >nul
set "HERE=%~dp0"
set "ENVIRONMENT=%HERE%environment"
set PYTHONUTF8=1
if exist "%ENVIRONMENT%\made" goto ready

set "PY="
py -@PYTHON@ -c "" >nul 2>nul && set "PY=py -@PYTHON@"
if not defined PY python -c "import sys; sys.exit('%%d.%%d' %% sys.version_info[:2] != '@PYTHON@')" >nul 2>nul && set "PY=python"
if not defined PY (
  echo 需要Python @PYTHON@，本机上没有找到。
  echo Python @PYTHON@ is needed and was not found on this machine.
  pause
  exit /b 2
)
echo 首次启动：正在安装，约需几分钟。
echo First start: installing, for some minutes.
if exist "%ENVIRONMENT%" rmdir /s /q "%ENVIRONMENT%"
%PY% -m venv --without-pip "%ENVIRONMENT%" || goto failed
for %%f in ("%HERE%wheels\pip-*.whl") do set "PIP=%%f\pip"
"%ENVIRONMENT%\Scripts\python.exe" "%PIP%" --isolated install --quiet --disable-pip-version-check --no-index --find-links "%HERE%wheels" "judicial-auction-sim[app]" || goto failed
echo made>"%ENVIRONMENT%\made"

:ready
if "%~1"=="" (
  "%ENVIRONMENT%\Scripts\python.exe" -m sim app --out "%HERE%results"
  if errorlevel 1 pause
) else (
  "%ENVIRONMENT%\Scripts\python.exe" -m sim %*
)
exit /b %errorlevel%

:failed
echo 安装没有完成，上面是原因。
echo The installation did not finish; the reason stands above.
pause
exit /b 1
